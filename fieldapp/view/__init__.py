"""Views: each authorises, parses, calls, answers. One noun, one file, one blueprint."""

from fieldapp.view import (
    administer,
    annex,
    assignment,
    audit,
    check,
    coverage,
    document,
    enrolment,
    entry,
    erasure,
    exchange,
    interview,
    landing,
    own_account,
    own_factor,
    package,
    phone,
    phone_key,
    photo,
    search,
    session,
    static,
    user,
    visit,
)

# Unsafe calls come from a form and carry a token against forgery.
FOR_PEOPLE = (
    static.blueprint,
    landing.blueprint,
    administer.blueprint,
    session.blueprint,
    visit.blueprint,
    search.blueprint,
    coverage.blueprint,
    assignment.blueprint,
    entry.blueprint,
    document.blueprint,
    annex.blueprint,
    interview.blueprint,
    check.blueprint,
    erasure.blueprint,
    audit.blueprint,
    user.blueprint,
    own_account.blueprint,
    own_factor.blueprint,
    enrolment.blueprint,
    phone_key.blueprint,
    photo.blueprint,
    phone.blueprint,
)
# Unsafe calls come from our own programs: a header no foreign page can send, or a seal, stands for the token. Packages have a form
# with a token, which they check themselves: before that, the limit for bodies must be lifted.
FOR_PROGRAMS = (session.programs, exchange.blueprint, package.blueprint)
