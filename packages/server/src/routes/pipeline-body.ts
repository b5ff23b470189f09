import type { Actor, Control } from "@airfleet/control";
import { AirfleetError, type ErrorFinding, type InstanceId, type PipelineContent } from "@airfleet/model";
import { requireCover } from "./scope.ts";

type Environments = PipelineContent["environments"];

const instancesOf = (environments: Environments | undefined): readonly InstanceId[] => [
  ...new Set(Object.values(environments ?? {}).flat()),
];

/**
 * Whoever changes a pipeline changes what runs where it is deployed: nobody does so for instances out of their reach.
 *
 * @throws {AirfleetError} FORBIDDEN
 */
export const requireEnvironments = (
  control: Control,
  actor: Actor,
  ...environments: readonly (Environments | undefined)[]
): Promise<void> => requireCover(control, actor, environments.flatMap(instancesOf), "pipeline:write");

/**
 * A name that is no instance is a slip of the pen; one that was there already may have gone since.
 *
 * @throws {AirfleetError} REQUEST_INVALID
 */
export const checkEnvironments = (
  control: Control,
  given: Environments | undefined,
  present: Environments = {},
): void => {
  const known: ReadonlySet<string> = new Set([
    ...control.instances.list().map(({ id }) => id),
    ...instancesOf(present),
  ]);
  const findings = Object.entries(given ?? {}).flatMap(([name, ids]): readonly ErrorFinding[] =>
    ids.flatMap((id, index) =>
      known.has(id)
        ? []
        : [{ pointer: `/body/environments/${name}/${index}`, message: `There is no instance "${id}"` }],
    ),
  );
  const [first] = findings;
  if (first === undefined) return;
  const summary = `${first.pointer.slice(1).replaceAll("/", ".")}: ${first.message}`;
  throw new AirfleetError("REQUEST_INVALID", { summary }, { findings });
};

/** Nodes and edges as they were sent: in `config`, or beside the other fields. */
export const configOf = (body: {
  readonly config?: unknown;
  readonly nodes?: unknown;
  readonly edges?: unknown;
}): unknown => body.config ?? { nodes: body.nodes ?? [], edges: body.edges ?? [] };
