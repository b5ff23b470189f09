import { AirfleetError, type PipelineFinding } from "@airfleet/model";

/** What is wrong with a pipeline, for somebody who wanted to run it. */
export const toInvalid = (
  { id, name }: { readonly id: string; readonly name: string },
  errors: readonly PipelineFinding[],
): AirfleetError => {
  const first = errors[0];
  const findings = errors.map(({ node, edge, field, message, fix, type }) => ({
    pointer: ["", ...(node === null ? [] : ["nodes", node]), ...(edge === null ? [] : ["edges", edge]), field ?? ""]
      .join("/")
      .replace(/\/$/, ""),
    message: `${message} ${fix}`,
    code: type,
  }));
  const details = {
    id,
    name,
    errors: errors.length,
    first: first === undefined ? "" : `${first.message} ${first.fix}`,
  };
  return new AirfleetError("PIPELINE_INVALID", details, { findings });
};
