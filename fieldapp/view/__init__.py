"""Views: each authorises, parses, calls, answers. One noun, one file, one blueprint."""

from fieldapp.view import exchange, landing, phone, photo, session, static, visit

# Unsafe calls come from a form and carry a token against forgery.
FOR_PEOPLE = (
    static.blueprint,
    landing.blueprint,
    session.blueprint,
    visit.blueprint,
    photo.blueprint,
    phone.blueprint,
)
# Unsafe calls come from our own programs: a header no foreign page can send, or a seal, stands for the token.
FOR_PROGRAMS = (session.programs, exchange.blueprint)
