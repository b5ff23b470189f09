import type { DocumentKind, Store, StoredDocument } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createLoop } from "../reconcilers/loop.ts";

/** A document with what it means. */
export interface FollowedDocument<Meaning> {
  readonly document: StoredDocument;
  readonly meaning: Meaning;
}

/** The documents of one kind, parsed and at hand; at most {@link FOLLOW_MS} behind a change on another server. */
export interface DocumentFollower<Meaning> {
  /** In order of id; without those that do not parse. */
  list(): readonly FollowedDocument<Meaning>[];
  find(id: string): FollowedDocument<Meaning> | undefined;
  /** Reads again if anything changed. To be awaited before first use, and after each change of our own. */
  refresh(): Promise<void>;
  /** From now on changes of other servers are noticed too. */
  start(): void;
  stop(): Promise<void>;
}

interface FollowerPorts<Meaning> {
  readonly store: Pick<Store, "documents">;
  readonly kind: DocumentKind;
  /** What a document says. One for which it throws is left out, and said in the log once per version. */
  readonly parse: (document: StoredDocument) => Meaning;
  /** Called after each reading that found a change. */
  readonly onChanged?: (documents: readonly FollowedDocument<Meaning>[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** How long a change on another server may go unnoticed: one small query each time. */
export const FOLLOW_MS = 1_500;

export const createDocumentFollower = <Meaning>(ports: FollowerPorts<Meaning>): DocumentFollower<Meaning> => {
  const { store, kind, parse, onChanged, clock, logger, random } = ports;
  let known: ReadonlyMap<string, FollowedDocument<Meaning>> = new Map();
  let knownRevision = -1;
  let reading: Promise<void> = Promise.resolve();

  const understand = (document: StoredDocument): readonly FollowedDocument<Meaning>[] => {
    const former = known.get(document.id);
    if (former?.document.version === document.version && former.document.createdAt === document.createdAt) {
      return [former];
    }
    try {
      return [{ document, meaning: parse(document) }];
    } catch (error) {
      logger.warn({ err: error, kind, id: document.id, version: document.version }, "a stored definition is not valid");
      return [];
    }
  };

  const read = async (): Promise<void> => {
    // The revision first: a change in between is then read again, never missed.
    const revision = await store.documents.revision(kind);
    if (revision === knownRevision) return;
    const documents = await store.documents.list(kind);
    known = new Map(documents.flatMap(understand).map((one) => [one.document.id, one]));
    knownRevision = revision;
    onChanged?.([...known.values()]);
  };

  /** One after the other, so that an older answer never replaces a newer one. */
  const refresh = (): Promise<void> => {
    const next = reading.then(read, read);
    reading = next.catch(() => undefined);
    return next;
  };

  const loop = createLoop({
    name: `${kind} documents`,
    step: async () => {
      await refresh();
      return FOLLOW_MS;
    },
    clock,
    logger,
    random,
  });

  return {
    list: () => [...known.values()],
    find: (id) => known.get(id),
    refresh,
    start: () => loop.start(),
    stop: () => loop.stop(),
  };
};
