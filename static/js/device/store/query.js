// @ts-check
/**
 * The named queries of the screens. SQL stays in the worker; a screen asks `select(name, params)`. Parameters are `:name`; columns that
 * hold JSON or booleans are named, so that they arrive parsed. A query must not write.
 */

/** @typedef {{sql: string, json?: string[], boolean?: string[]}} Query */

const NEWEST_REVIEW = "from review where review.visit = visit.entity and review.submission = submission.record order by review.captured_at desc, review.entity limit 1";
/** Each of a visit's team submits what they recorded; the last one that came is what is decided about. One not received yet is newer than all. */
const NEWEST_SUBMISSION = `submission.record = (select its.record from submission as its left join record as sealed on sealed.hash = its.record
    where its.visit = visit.entity and (its.author = visit.author or exists (select 1 from json_each(visit.team) where value = its.author))
    order by sealed.position is null desc, sealed.position desc, its.captured_at desc limit 1)`;
const HAS_PROGRESS = "exists (select 1 from progress where progress.visit = visit.entity) as has_progress";

/** Submitted visits as coverage looks at them; `decision` is of the newest review of the present submission, or null. */
const COVERING = `select visit.entity, visit.stream, visit.arrived_at, json_array_length(visit.team) as people, ${HAS_PROGRESS},
    (select review.decision ${NEWEST_REVIEW}) as decision
  from main.visit join submission on submission.visit = visit.entity and ${NEWEST_SUBMISSION}`;

/** Photos, with whether the bytes of the view, or a small picture of them, are here. @type {Query} */
const PHOTO = {
  sql: `select taken.*,
      exists (select 1 from photo.file as file where file.sha256 = taken.sha256)
        or exists (select 1 from photo.earlier as earlier where earlier.sha256 = taken.sha256 and earlier.bytes is not null) as is_here
    from (select entity, visit, caption, taken_at, item, about, marks, json_extract(coalesce(view, original), '$.sha256') as sha256,
        json_extract(coalesce(view, original), '$.width') as width, json_extract(coalesce(view, original), '$.height') as height
      from main.photo`,
  json: ["marks"],
  boolean: ["is_here"],
};

/** @type {Record<string, Query>} */
export const QUERY = {
  /** Photos of a visit that are on this phone, oldest first. */
  photos_here: {
    sql: `select record.entity, naming.part, naming.sha256, naming.size_bytes, naming.media_type
      from naming join record on record.hash = naming.record join photo.file as file on file.sha256 = naming.sha256
      where record.visit = :visit order by record.number, naming.part`,
  },
  /** How much of what was pulled is here, by stream. */
  pulled: { sql: "select stream, position from stream_head order by stream" },
  /** The last submitted visits of a place, newest first, as many as `limit`. */
  visit_of_stream: {
    sql: `select visit.entity, visit.stream, visit.author, visit.arrived_at, visit.purpose, visit.summary, visit.next_time,
        submission.record as submission, (select review.decision ${NEWEST_REVIEW}) as decision
      from main.visit join submission on submission.visit = visit.entity and ${NEWEST_SUBMISSION} where visit.stream = :stream order by visit.arrived_at desc limit :limit`,
    json: ["next_time"],
  },
  /** Of each project the submitted visits since a day or in the window of a milestone at hand, the newest `most` beyond what two months ask for, and the last one in any case. */
  visit_since: {
    sql: `${COVERING} where visit.rowid in (
        select number from (select recent.rowid as number, project.coverage ->> 'per_month' as per_month, row_number() over (partition by recent.stream order by recent.arrived_at desc) as place
          from main.project cross join main.visit as recent on recent.stream = 'project:' || project.entity
            and recent.arrived_at >= min(:since, date(:today, '-' || (1 + project.coverage ->> 'days_before_milestone' + project.coverage ->> 'days_after_milestone') || ' days')))
          where place <= :most + 2 * per_month
        union select (select last.rowid from main.visit as last join submission as its on its.visit = last.entity
          where last.stream = 'project:' || project.entity order by last.arrived_at desc limit 1) from main.project)`,
    boolean: ["has_progress"],
  },
  /**
   * Visits that a reviewer sent back and that a person did not submit again, newest review first: whole to the main recorder, else to whoever
   * recorded an item of it. A decision is about what the whole team had submitted until then.
   */
  visit_returned: {
    sql: `select visit.entity, visit.stream, visit.arrived_at, visit.purpose, review.entity as review, review.reason, review.items,
        review.author as reviewer, review.captured_at as returned_at
      from main.review cross join main.visit on visit.entity = review.visit
        join submission on submission.visit = visit.entity and submission.author = :person
      where review.decision = 'returned'
        and (submission.record = review.submission or (select position from record where hash = submission.record)
          < (select position from record where hash = review.submission))
        and (visit.author = :person and (review.reason <> '' or json_array_length(review.items) = 0)
          or exists (select 1 from json_each(review.items) as item left join record on record.hash = item.value ->> 'record'
            where coalesce(record.author, visit.author) = :person))
        and not exists (select 1 from review as newer where newer.visit = review.visit and (newer.captured_at, newer.entity) > (review.captured_at, review.entity))
      order by review.captured_at desc`,
    json: ["items"],
  },
  /** Where in the archive's order the submissions of a visit stand, and those decided about; null: not received yet, as far as is known here. */
  submission_place: {
    sql: `select hash, position from record where hash in (select record from submission where visit = :visit union select submission from review where visit = :visit)`,
  },
  /** Projects an official is tied to. */
  project_of_official: {
    sql: "select distinct link.project from link where link.official = :official",
  },
  /** The last photos taken on visits to a project or unit, newest first, as many as `limit`; papers scanned at a desk are none. */
  photo_of_stream: { ...PHOTO, sql: `${PHOTO.sql} where stream = :stream and visit is not null order by taken_at desc limit :limit) as taken order by taken.taken_at desc` },
  /** Photos of the things named, newest first; `abouts` is a JSON list of entities. */
  photo_about: { ...PHOTO, sql: `${PHOTO.sql} where about in (select value from json_each(:abouts))) as taken order by taken.taken_at desc` },
};
