// @ts-check
/** The calls a page may make, by name. Each is one turn with the storage open; `addPhoto` takes several, so that nothing waits for a canvas. */

import { waitingOf } from "../colleague.js";
import { objection } from "./blur.js";
import { discardDraft, draft, drafts, openDraft, patchDraft, revise, saveDraft } from "./draft.js";
import { earlierBytes, earlierRoom, setEarlierBudget } from "./earlier.js";
import { StoreError } from "./error.js";
import { find } from "./find.js";
import { join, joined, leave } from "./joined.js";
import { acknowledge, notices } from "./notice.js";
import { outbox, states, tally } from "./outbox.js";
import { photoFile, readPhoto, smallBytes } from "./photo.js";
import { row, rows, select } from "./read.js";
import { present, record, wordings } from "./record.js";
import { seal } from "./seal.js";
import { search } from "./search.js";
import { set, setting } from "./setting.js";
import { webCrypto } from "../crypto.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {(session: Session, args: any) => unknown} Call */

/** Those that work before anybody is open. @type {Record<string, Call>} */
const WITHOUT_PERSON = {
  people: (session) => session.people(),
  enrol: (session, args) => session.enrol(args),
  open: (session, { person }) => session.open(person),
  identity: (session) => session.identity(),
  colleagues: (session) => waitingOf(session),
  close: (session) => {
    session.closePerson();
    return null;
  },
};

/** @type {Record<string, Call>} */
const WITH_PERSON = {
  openDraft: ({ desk }, args) => openDraft(desk.db, args),
  revise: (session, args) => reviseEntity(session, args),
  saveDraft: ({ desk }, args) => saveDraft(desk.db, args),
  patchDraft: (session, args) => session.changes.quietly(() => patchDraft(session.desk.db, args)),
  discardDraft: ({ desk }, { id }) => discardDraft(desk.db, id, true),
  restoreDraft: ({ desk }, { id }) => discardDraft(desk.db, id, false),
  draft: ({ desk }, { id }) => draft(desk.db, id),
  drafts: ({ desk }, args) => drafts(desk.db, args),
  mayBlur: async (session, { id }) => objection(session.desk.db, id) ?? ((await session.oldPools()).length > 0 ? "old-storage" : null),
  photo: ({ desk }, { sha256, isSmall }) => photoBlob(desk.db, sha256, isSmall),
  storage: ({ desk }) => room(desk.db),
  seal: async (session, args) => {
    const { db } = session.desk;
    return seal({ db, log: session.storage.log, kinds: session.kinds, key: await session.key(), port: webCrypto }, args);
  },
  join: ({ desk }, { visit }) => join(desk.db, visit),
  joined: ({ desk }, args) => joined(desk.db, args),
  leave: ({ desk }, { visit }) => leave(desk.db, visit),
  outbox: ({ desk }, args) => outbox(desk.db, args),
  tally: ({ desk }) => tally(desk.db),
  states: ({ desk }, { visit }) => states(desk.db, visit),
  rows: ({ desk, kinds }, args) => rows(desk.db, kinds, args),
  row: ({ desk, kinds }, args) => row(desk.db, kinds, args),
  select: ({ desk }, args) => select(desk.db, args),
  search: ({ desk }, args) => search(desk.db, args),
  find: ({ desk, kinds }, args) => find(desk.db, kinds, args),
  record: ({ desk }, { hash }) => record(desk.db, hash),
  wordings: ({ desk }, { entity }) => wordings(desk.db, entity),
  notices: ({ desk }) => notices(desk.db),
  acknowledge: ({ desk }, { id }) => {
    acknowledge(desk.db, id);
    return null;
  },
  setting: ({ desk }, { name }) => setting(desk.db, `screen.${name}`),
  set: ({ desk }, { name, value }) => {
    set(desk.db, `screen.${name}`, value);
    return null;
  },
  tidy: (session) => session.tidy(),
  earlierRoom: ({ desk }) => earlierRoom(desk.db),
  setEarlierBudget: ({ desk, kinds }, { bytes }) => setEarlierBudget(desk.db, kinds, bytes),
  oldPools: (session) => session.oldPools(),
  letGoPool: (session, { name }) => session.letGoPool(name),
};

/**
 * Do a call.
 * @param {Session} session with the storage open
 * @param {string} name
 * @param {any} args
 * @throws {StoreError} `UnknownCall`, and whatever the call raises
 */
export function call(session, name, args) {
  const found = WITHOUT_PERSON[name] ?? WITH_PERSON[name];
  if (!found) throw new StoreError("UnknownCall", `no call ${name}`);
  return found(session, args ?? {});
}

/**
 * @param {Session} session
 * @param {{entity: string, visit?: string | null}} wanted
 */
function reviseEntity({ desk, kinds }, { entity, visit }) {
  const now = present(desk.db, kinds, entity);
  if (!now) throw new StoreError("BadArgument", `nothing of ${entity} is on this phone`, { entity });
  return revise(desk.db, { ...now, entity, visit: visit ?? null });
}

/**
 * The bytes of a photo; where they are not here, or a small picture is enough, a small picture of it.
 * @param {import("./database.js").Database} db
 * @param {string} sha256
 * @param {boolean} [isSmall]
 */
function photoBlob(db, sha256, isSmall = false) {
  const file = photoFile(db, sha256);
  const small = file ? isSmall && smallBytes(db, sha256) : earlierBytes(db, sha256);
  if (small) return { blob: new Blob([small], { type: "image/jpeg" }), size_bytes: small.length, media_type: "image/jpeg", is_small: true };
  if (!file) return null;
  const { size_bytes, media_type } = file;
  return { blob: new Blob([readPhoto(db, sha256)], { type: media_type }), size_bytes, media_type, is_small: false };
}

/** Photos people took, not files: a view and its original are one, and so is a photo whose words were corrected. */
const ROOM = `select (select coalesce(sum(size_bytes), 0) from photo.file) as photo_bytes, count(distinct coalesce(view, original)) as photos
  from (select max(case part when 'view' then sha256 end) as view, max(case part when 'original' then sha256 end) as original
      from naming group by record
    union all select json_extract(body, '$.view.sha256'), json_extract(body, '$.original.sha256') from draft where kind = 'photo')
  where exists (select 1 from photo.file where sha256 in (view, original))`;

/** @param {import("./database.js").Database} db */
async function room(db) {
  const own = db.row(ROOM);
  const estimate = await navigator.storage.estimate();
  return {
    ...own,
    usage_bytes: estimate.usage ?? null,
    quota_bytes: estimate.quota ?? null,
    is_persisted: await navigator.storage.persisted(),
  };
}
