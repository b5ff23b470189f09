import { isDeepStrictEqual } from "node:util";
import { AirfleetError, type InstanceId, ReportSource, toInstanceId } from "@airfleet/model";
import type { Store, StoredDocument } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import { toAuthor } from "../documents/author.ts";
import type { DocumentFollower } from "../documents/document-follower.ts";
import type { Arrival, ReceptionCounts, ReceptionLog } from "./reception-log.ts";
import { checkTerms, readSecrets, type SharedSecrets, type UsableSource } from "./usable-source.ts";

/** A source with how its reports have fared on this server. Secrets are never shown. */
export interface KeptReportSource {
  readonly instance: InstanceId;
  readonly terms: ReportSource;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly counts: ReceptionCounts;
  /** Why published keys could not be read the last time; null when they could, or there are none. */
  readonly keysError: string | null;
}

/** Who may report of which instance. */
export interface ReportSourceUseCases {
  /** In order of instance. */
  list(): Promise<readonly KeptReportSource[]>;
  /** @throws {AirfleetError} DOCUMENT_UNKNOWN */
  get(instance: InstanceId): Promise<KeptReportSource>;
  /**
   * Writes a source: a new one without `version`, one that is there with the version that was read. A shared key
   * without its secret keeps the one that it has.
   *
   * @throws {AirfleetError} REQUEST_INVALID, REPORT_KEY_REFUSED, REPORT_BARE_PATHS_TAKEN, ADDRESS_REFUSED,
   *   DOCUMENT_EXISTS, DOCUMENT_UNKNOWN, VERSION_CONFLICT
   */
  put(actor: Actor, instance: InstanceId, terms: ReportSource, version: number | undefined): Promise<KeptReportSource>;
  /** Its reports are refused from then on. @throws {AirfleetError} DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  remove(actor: Actor, instance: InstanceId, version: number): Promise<void>;
  /** What reached this server last, oldest first: all that is kept, or what came after a place in the order. */
  arrivals(after: number | undefined): { readonly server: string; readonly arrivals: readonly Arrival[] };
}

interface ReportSourcePorts {
  readonly store: Pick<Store, "documents">;
  readonly sources: DocumentFollower<UsableSource>;
  readonly log: ReceptionLog;
  /** @throws {AirfleetError} ADDRESS_REFUSED for an address that must not be called */
  readonly checkAddress: (url: string) => Promise<void>;
  readonly onWritten: () => void;
}

const KIND = "report_source";

/** The terms without their secrets, and these apart; a secret that is not given is the one that there was. */
const split = (
  terms: ReportSource,
  former: SharedSecrets,
): { readonly body: ReportSource; readonly secrets: SharedSecrets } => {
  const secrets: Record<string, string> = {};
  const keys = terms.keys.map((key) => {
    if (key.type === "public") return key;
    const { secret = Object.hasOwn(former, key.key_id) ? former[key.key_id] : undefined, ...open } = key;
    if (secret !== undefined) secrets[key.key_id] = secret;
    return open;
  });
  return { body: { ...terms, keys }, secrets };
};

/** Only one source may have them: who posts there says no instance. */
const refuseSecondBarePaths = (others: readonly StoredDocument[]): void => {
  const taken = others.find(({ body }) => ReportSource.parse(body).bare_paths);
  if (taken !== undefined) throw new AirfleetError("REPORT_BARE_PATHS_TAKEN", { taken_by: taken.id });
};

export const createReportSourceUseCases = (ports: ReportSourcePorts): ReportSourceUseCases => {
  const { store, sources, log, checkAddress, onWritten } = ports;
  const { documents } = store;

  const show = (document: StoredDocument): KeptReportSource => {
    const instance = toInstanceId(document.id);
    return {
      instance,
      terms: ReportSource.parse(document.body),
      version: document.version,
      createdAt: document.createdAt,
      updatedAt: document.updatedAt,
      counts: log.counts(instance),
      keysError: sources.find(document.id)?.meaning.published?.error() ?? null,
    };
  };

  const changed = async (): Promise<void> => {
    onWritten();
    await sources.refresh();
  };

  return {
    list: async () => (await documents.list(KIND)).map(show),

    async get(instance) {
      const document = await documents.find(KIND, instance);
      if (document === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "report source", id: instance });
      return show(document);
    },

    async put(actor, instance, terms, version) {
      const former = version === undefined ? undefined : await documents.find(KIND, instance);
      const before = former === undefined ? {} : readSecrets(former);
      const { body, secrets } = split(terms, before);
      checkTerms(body, secrets);
      if (terms.jwks !== undefined) await checkAddress(terms.jwks.url);
      const secret = isDeepStrictEqual(before, secrets) ? {} : { secret: { ...secrets } };
      const write = { kind: KIND, id: instance, body: { ...body }, ...secret } as const;
      const author = toAuthor(actor);
      const judge = terms.bare_paths ? refuseSecondBarePaths : undefined;
      const written =
        version === undefined
          ? await documents.create(write, author, judge)
          : await documents.update(write, version, author, judge);
      await changed();
      return show(written);
    },

    async remove(actor, instance, version) {
      await documents.remove(KIND, instance, version, toAuthor(actor));
      await changed();
    },

    arrivals: (after) => ({ server: log.server, arrivals: log.after(after) }),
  };
};
