// @ts-check
/**
 * The named queries of the screens. SQL stays in the worker; a screen asks `select(name, params)`. Parameters are `:name`; columns that
 * hold JSON or booleans are named, so that they arrive parsed. A query must not write.
 */

/** @typedef {{sql: string, json?: string[], boolean?: string[]}} Query */

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
  /** Submitted visits with what coverage asks of them; `decision` is of the newest review of the present submission, or null. */
  visit_submitted: {
    sql: `select visit.entity, visit.stream, visit.author, visit.arrived_at, visit.purpose, visit.summary, visit.next_time,
        json_array_length(visit.team) as people, exists (select 1 from progress where progress.visit = visit.entity) as has_progress,
        submission.record as submission,
        (select review.decision from review where review.visit = visit.entity and review.submission = submission.record
          order by review.captured_at desc, review.entity limit 1) as decision,
        (select review.number from review where review.visit = visit.entity and review.submission = submission.record
          order by review.captured_at desc, review.entity limit 1) as number
      from visit join submission on submission.visit = visit.entity
      where :stream is null or visit.stream = :stream order by visit.arrived_at desc`,
    json: ["next_time"],
    boolean: ["has_progress"],
  },
  /** Visits of a person that a reviewer sent back and that were not submitted again, newest review first. */
  visit_returned: {
    sql: `select visit.entity, visit.stream, visit.arrived_at, visit.purpose, review.entity as review, review.reason, review.items,
        review.author as reviewer, review.captured_at as returned_at
      from visit join submission on submission.visit = visit.entity
        join review on review.visit = visit.entity and review.submission = submission.record
      where visit.author = :person and review.decision = 'returned' and not exists (select 1 from review as newer
        where newer.visit = review.visit and newer.submission = review.submission
          and (newer.captured_at, newer.entity) > (review.captured_at, review.entity))
      order by review.captured_at desc`,
    json: ["items"],
  },
  /** Achievements with a day to look back. */
  look_back_set: { sql: "select entity, stream, visit, list, what, look_back_on from entry where list = 'achievement' and look_back_on is not null" },
  /** Projects an official is tied to. */
  project_of_official: {
    sql: "select distinct link.project from link where link.official = :official",
  },
  /** Photos taken at a project or unit, newest first, with whether the bytes of the view, or a small picture of them, are here. */
  photo_of_stream: {
    sql: `select taken.*,
        exists (select 1 from photo.file as file where file.sha256 = taken.sha256)
          or exists (select 1 from photo.earlier as earlier where earlier.sha256 = taken.sha256 and earlier.bytes is not null) as is_here
      from (select entity, visit, caption, taken_at, item, about, marks, json_extract(coalesce(view, original), '$.sha256') as sha256,
          json_extract(coalesce(view, original), '$.width') as width, json_extract(coalesce(view, original), '$.height') as height
        from main.photo where stream = :stream order by taken_at desc limit :limit) as taken order by taken.taken_at desc`,
    json: ["marks"],
    boolean: ["is_here"],
  },
};
