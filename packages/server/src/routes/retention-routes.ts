import { ROUTES } from "@airfleet/contract";
import type { Actor, Control, KeptRetentionPolicy } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import { readIfMatch, toETag } from "../http/version-tag.ts";
import { toPolicyView, toPreviewView, toSweepStatusView } from "../views/retention-view.ts";
import { bind } from "./bind.ts";
import { given } from "./given.ts";
import { covers, listedInstances, requireCover } from "./scope.ts";

const WRITE = "policy:write";

/** The instances that a policy reaches, as a glob. */
const reachOf = ({ policy }: Pick<KeptRetentionPolicy, "policy">): string => policy.scope.instance ?? "*";

/** A policy about more instances than the actor sees is not there for them: its glob names instances. */
const isVisible = (actor: Actor, kept: KeptRetentionPolicy): boolean =>
  reachOf(kept) === "*" || covers(actor, [reachOf(kept)]);

const findPolicy = async (control: Control, actor: Actor, id: string): Promise<KeptRetentionPolicy | undefined> => {
  const kept = await control.retention.find(id);
  return kept !== undefined && isVisible(actor, kept) ? kept : undefined;
};

/** @throws {AirfleetError} DOCUMENT_UNKNOWN */
const getPolicy = async (control: Control, actor: Actor, id: string): Promise<KeptRetentionPolicy> => {
  const kept = await findPolicy(control, actor, id);
  if (kept === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "retention policy", id });
  return kept;
};

/** Which runs we remember. */
export const retentionRoutes = {
  listRetentionPolicies: bind(ROUTES.listRetentionPolicies, async ({ actor, control }) => {
    const policies = await control.retention.list();
    return { items: policies.filter((kept) => isVisible(actor, kept)).map(toPolicyView), next_cursor: null };
  }),

  getRetentionPolicy: bind(ROUTES.getRetentionPolicy, async ({ actor, control, params, setHeader }) => {
    const kept = await getPolicy(control, actor, params.policy);
    setHeader("etag", toETag(kept.version));
    return toPolicyView(kept);
  }),

  putRetentionPolicy: bind(ROUTES.putRetentionPolicy, async (context) => {
    const { actor, body: policy, control, header, params, setHeader, setStatus } = context;
    await requireCover(control, actor, [reachOf({ policy })], WRITE);
    const isNew = header("if-match") === undefined && (await findPolicy(control, actor, params.policy)) === undefined;
    const update = async (): Promise<KeptRetentionPolicy> => {
      const before = await getPolicy(control, actor, params.policy);
      // Narrowing a policy takes it from the instances that it was about.
      await requireCover(control, actor, [reachOf(before)], WRITE);
      const version = readIfMatch(header("if-match"), `retention policy "${params.policy}"`, before.version);
      return control.retention.update(actor, params.policy, { policy, version });
    };
    const kept = isNew ? await control.retention.create(actor, params.policy, policy) : await update();
    if (isNew) {
      setStatus(201);
      setHeader("location", `/api/v1/retention-policies/${params.policy}`);
    }
    setHeader("etag", toETag(kept.version));
    return toPolicyView(kept);
  }),

  deleteRetentionPolicy: bind(ROUTES.deleteRetentionPolicy, async ({ actor, control, header, params }) => {
    const kept = await getPolicy(control, actor, params.policy);
    await requireCover(control, actor, [reachOf(kept)], WRITE);
    const version = readIfMatch(header("if-match"), `retention policy "${params.policy}"`, kept.version);
    await control.retention.remove(actor, params.policy, version);
    return undefined;
  }),

  previewRetention: bind(ROUTES.previewRetention, async ({ actor, body, control }) => {
    const instances = await listedInstances(control, actor, body.instances, "policy:read");
    const preview = await control.retention.preview({
      maxRuns: body.max_runs,
      samples: body.samples,
      ...given({ policy: body.policy, policyId: body.policy_id, instances }),
    });
    return toPreviewView(preview);
  }),

  sweepRetention: bind(ROUTES.sweepRetention, async ({ actor, control }) => {
    // A sweep is over all instances.
    await requireCover(control, actor, ["*"], WRITE);
    await control.retention.sweepNow(actor);
    return { state: "started" as const };
  }),

  getRetentionStatus: bind(ROUTES.getRetentionStatus, async ({ control }) =>
    toSweepStatusView(await control.retention.lastSweep(), await control.retention.runningSweep()),
  ),
};
