import { type InstanceId, orderPolicies, type RetentionPolicy } from "@airfleet/model";
import type { Store, StoredDocument } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import { toNamedPolicy, toPolicyFacts } from "./policy-facts.ts";
import { previewRetention, type RetentionPreview } from "./preview-retention.ts";
import type { RetentionSweep, SweepProgress, SweepReport } from "./retention-sweep.ts";

/** A stored policy. Times are epoch milliseconds. */
export interface KeptRetentionPolicy {
  readonly id: string;
  readonly version: number;
  readonly policy: RetentionPolicy;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface PreviewRequest {
  /** Judged among the stored ones, in place of the stored one with this id. */
  readonly policy?: RetentionPolicy;
  readonly policyId?: string;
  readonly instances?: readonly InstanceId[];
  readonly maxRuns: number;
  readonly samples: number;
}

/** Which runs we remember. */
export interface RetentionUseCases {
  /** In order of precedence; those that are off last. */
  list(): Promise<readonly KeptRetentionPolicy[]>;
  find(id: string): Promise<KeptRetentionPolicy | undefined>;
  /** @throws {AirfleetError} DOCUMENT_EXISTS */
  create(actor: Actor, id: string, policy: RetentionPolicy): Promise<KeptRetentionPolicy>;
  /** @throws {AirfleetError} DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  update(
    actor: Actor,
    id: string,
    change: { readonly policy: RetentionPolicy; readonly version: number },
  ): Promise<KeptRetentionPolicy>;
  /** @throws {AirfleetError} DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  remove(actor: Actor, id: string, version: number): Promise<void>;
  /** Changes nothing. */
  preview(request: PreviewRequest): Promise<RetentionPreview>;
  /** Begins a sweep in the background. */
  sweepNow(actor: Actor): Promise<void>;
  lastSweep(): Promise<SweepReport | null>;
  /** Null while none is under way. */
  runningSweep(): Promise<SweepProgress | null>;
}

interface RetentionPorts {
  readonly store: Pick<Store, "documents" | "retention" | "audit">;
  readonly sweep: RetentionSweep;
  readonly now: () => number;
  readonly onWritten: () => void;
}

const KIND = "retention_policy";
/** What a policy that is not stored yet is called in the answer. */
const UNNAMED = "given";

const toAuthor = ({ id, sourceIp, requestId }: Actor) => ({ actor: id, sourceIp, requestId });

const toKept = ({ id, version, body, createdAt, updatedAt }: StoredDocument): KeptRetentionPolicy => {
  const policy = toNamedPolicy({ id, body })?.policy;
  // Written by another version; shown as it is, and no sweep acts while it is there.
  return { id, version, policy: policy ?? (body as unknown as RetentionPolicy), createdAt, updatedAt };
};

export const createRetentionUseCases = ({ store, sweep, now, onWritten }: RetentionPorts): RetentionUseCases => {
  const { documents } = store;
  const written = (document: StoredDocument): KeptRetentionPolicy => {
    onWritten();
    return toKept(document);
  };

  return {
    async list() {
      const kept = (await documents.list(KIND)).map(toKept);
      const order = orderPolicies(kept).map(({ id }) => id);
      const placeOf = ({ id }: KeptRetentionPolicy): number => {
        const place = order.indexOf(id);
        return place === -1 ? order.length : place;
      };
      return kept.toSorted((left, right) => placeOf(left) - placeOf(right));
    },

    async find(id) {
      const document = await documents.find(KIND, id);
      return document === undefined ? undefined : toKept(document);
    },

    create: async (actor, id, policy) =>
      written(await documents.create({ kind: KIND, id, body: { ...policy } }, toAuthor(actor))),

    update: async (actor, id, { policy, version }) =>
      written(await documents.update({ kind: KIND, id, body: { ...policy } }, version, toAuthor(actor))),

    async remove(actor, id, version) {
      await documents.remove(KIND, id, version, toAuthor(actor));
      onWritten();
    },

    async preview({ policy, policyId = UNNAMED, instances, maxRuns, samples }) {
      const stored = (await documents.list(KIND)).map(toNamedPolicy).filter((named) => named !== undefined);
      const policies =
        policy === undefined
          ? stored
          : [...stored.filter(({ id }) => id !== policyId), { id: policyId, policy: { ...policy, enabled: true } }];
      return previewRetention({ store, now }, toPolicyFacts(policies), {
        maxRuns,
        samples,
        ...(instances !== undefined && { instances }),
      });
    },

    async sweepNow({ id, sourceIp, requestId }) {
      await store.audit.append({
        actor: id,
        verb: "retention:sweep_now",
        outcome: "requested",
        details: {},
        sourceIp,
        requestId,
      });
      onWritten();
      await sweep.sweepNow();
    },

    lastSweep: () => sweep.lastReport(),
    runningSweep: () => sweep.progress(),
  };
};
