// @ts-check
/**
 * The phone's own tables. Folded tables (one per kind) are `kind.js`'s and may be dropped and rebuilt; these may not: changes come as a
 * further step in `STEPS`, and every released step stays for ever.
 */

import { StoreError } from "./error.js";

const FIRST = `
create table main.setting (name text primary key, value text not null);
create table main.identity (
  kid text primary key, person text not null, name text not null, role text not null, label text not null,
  enrolment text not null, enrolled_at text not null, is_current integer not null);
create table main.certificate (number integer primary key, hash text not null unique, position integer unique, jws text not null);
create table main.sealing (kid text primary key, counter integer not null);

create table main.draft (
  id text primary key, kind text not null, v integer not null, stream text not null, entity text not null,
  supersedes text not null, visit text, body text not null,
  opened_at text not null, saved_at text not null, discarded_at text);
create index main.draft_visit on draft (visit);
create index main.draft_entity on draft (entity);

create table main.record (
  number integer primary key, hash text not null unique, id text not null unique, kind text not null, v integer not null,
  stream text not null, entity text not null, author text not null, kid text not null, counter integer not null,
  captured_at text not null, visit text, jws text, is_own integer not null, position integer,
  verdict text, reason text, detail text, received_at text, completed_at text, receipt text);
create index main.record_entity on record (entity);
create unique index main.record_position on record (stream, position) where position is not null;
create index main.record_unsafe on record (counter) where is_own = 1 and completed_at is null;
create index main.record_visit on record (visit) where is_own = 1;

create table main.naming (
  number integer primary key, record text not null, part text not null, sha256 text not null, size_bytes integer not null,
  media_type text not null, is_required integer not null, sent_at text, held_at text, is_missing integer not null, upload text,
  unique (record, sha256, part));
create index main.naming_sha256 on naming (sha256);

create table main.erased (
  hash text primary key, id text not null, kind text not null, stream text not null, entity text not null, author text not null,
  supersedes text not null);
create index main.erased_entity on erased (entity);

create table main.stream_head (stream text primary key, position integer not null, head text not null);
create table main.notice (id text primary key, what text not null, detail text not null, created_at text not null, acknowledged_at text);
create table main.found (number integer primary key, kind text not null, entity text not null unique, stream text not null, captured_at text not null);
create virtual table main.search using fts5 (grams, content = '', contentless_delete = 1, tokenize = 'unicode61');
`;

const FIRST_PHOTO = `
create table if not exists photo.file (sha256 text primary key, size_bytes integer not null, media_type text not null, stored_at text not null);
create table if not exists photo.part (sha256 text not null, number integer not null, bytes blob not null, primary key (sha256, number));
create table if not exists photo.earlier (
  sha256 text primary key, size_bytes integer not null, bytes blob, needed_on text not null, absent_at text);
`;

/** What only this phone needs to know of a draft; JSON, null for nothing. */
const LOCAL = "alter table main.draft add column local text;";

/**
 * Erasures by law and the counters of keys: every hash an erasure names, arrived or not, and which of what was erased was written here. Columns added to a table that
 * rebuilds copy may be null.
 */
const ERASURE = `
create table main.doomed (hash text not null, stream text not null, primary key (hash, stream));
alter table main.erased add column is_own integer;
alter table main.erased add column erased_at text;
create index main.record_counter on record (kid, counter);
create index main.record_erasure on record (number) where kind = 'erasure';
`;

/** Since when a station keeps a record with its required photos; it frees nothing. */
const HANDED = "alter table main.record add column handed_at text;";

/** What is not over yet, in the order it was sealed: asked at every start, among years of records. */
const OPEN = "create index main.record_open on record (number) where is_own = 1 and completed_at is null;";

/** Small pictures of own photos, for lists; made with the view, by its hash. They may be missing. */
const SMALL = "create table if not exists photo.small (sha256 text primary key, bytes blob not null);";

/** Visits of colleagues that this phone joined by their code: their records are elsewhere, and they are not drafts of this person. */
const JOINED = "create table main.joined (visit text primary key, stream text not null, body text not null, joined_at text not null);";

/** Each step takes both databases from version n to n + 1. */
export const STEPS = [
  { main: FIRST, photo: FIRST_PHOTO }, { main: LOCAL, photo: null }, { main: ERASURE, photo: null }, { main: HANDED, photo: null }, { main: OPEN, photo: SMALL },
  { main: JOINED, photo: null },
];

/** Names a kind's table may not take. */
export const OWN_TABLES = new Set([
  "setting", "identity", "certificate", "sealing", "draft", "record", "naming", "stream_head", "notice", "found", "search", "file", "part", "erased", "doomed", "earlier", "small", "joined",
]);

/**
 * Refuse a database of newer code, before anything of it is touched.
 * @param {number} version its `user_version`
 * @throws {StoreError} `NewerDatabase`
 */
export function refuseNewer(version) {
  if (version <= STEPS.length) return;
  const detail = { found: version, known: STEPS.length };
  throw new StoreError("NewerDatabase", `the data are of version ${version}, this app knows ${STEPS.length}`, detail);
}

/**
 * Bring the tables to this code's version. A commit over two files is not one after a crash, so the photo file goes first, in
 * statements that may be repeated.
 * @param {import("./database.js").Database} database
 */
export function migrate(database) {
  const found = database.value("pragma main.user_version");
  for (const [at, { main, photo }] of STEPS.slice(found).entries()) {
    if (photo !== null) database.transaction(() => database.script(photo));
    database.transaction(() => {
      database.script(main);
      database.script(`pragma main.user_version = ${found + at + 1}`);
    });
  }
}
