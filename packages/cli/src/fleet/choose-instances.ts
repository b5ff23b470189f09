import { CliFailure, usageFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { AirfleetApiError, type ItemOf } from "@airfleet/sdk";
import type { Session } from "../session/session.ts";
import { suggest } from "./suggest.ts";

/** An instance as the server lists it. */
export type Instance = ItemOf<"listInstances">;

export const listAllInstances = (session: Session): Promise<readonly Instance[]> =>
  Array.fromAsync(session.client.items("listInstances", {}));

const findInstance = (all: readonly Instance[], id: string): Instance => {
  const found = all.find((instance) => instance.id.toLowerCase() === id.toLowerCase());
  if (found !== undefined) return found;
  const known = all.map((instance) => instance.id);
  const near = suggest(id, known);
  throw new CliFailure({
    code: "INSTANCE_UNKNOWN",
    message: `There is no instance "${id}".`,
    exitCode: EXIT.notFound,
    fix: near === undefined ? `Known: ${known.join(", ") || "none"}.` : `Did you mean ${near}?`,
  });
};

/** One instance, whatever the case of its id. @throws {CliFailure} INSTANCE_UNKNOWN with the nearest id */
export const readInstance = async (session: Session, id: string): Promise<Instance> => {
  try {
    return await session.client.getInstance({ params: { instance: id } });
  } catch (error) {
    if (!(error instanceof AirfleetApiError) || error.code !== "INSTANCE_UNKNOWN") throw error;
    return findInstance(await listAllInstances(session), id);
  }
};

/** The ids in `--clients a,b`: in the order given, each once. */
export const parseClients = (text: string): readonly string[] => {
  const ids = text
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
  if (ids.length === 0)
    throw usageFailure(
      "--clients names no instance.",
      "Give ids with commas between, or leave it out for all enabled ones.",
    );
  return ids;
};

/**
 * The instances a command is about: those named, or all enabled ones.
 *
 * @throws {CliFailure} INSTANCE_UNKNOWN with the nearest id, INSTANCE_DISABLED for one that was named
 */
export const chooseInstances = async (session: Session, clients: string | undefined): Promise<readonly Instance[]> => {
  const all = await listAllInstances(session);
  if (clients === undefined) {
    const enabled = all.filter((instance) => instance.enabled);
    if (enabled.length > 0) return enabled;
    throw new CliFailure({
      code: "INSTANCE_UNKNOWN",
      message: "The fleet has no enabled instance.",
      exitCode: EXIT.notFound,
      fix: "Add one to airfleet.yaml or config/clients.json, or with: airfleet instances add",
    });
  }
  const chosen = new Map(parseClients(clients).map((id) => [id.toLowerCase(), findInstance(all, id)]));
  for (const { id, enabled } of chosen.values()) {
    if (enabled) continue;
    throw new CliFailure({
      code: "INSTANCE_DISABLED",
      message: `Instance "${id}" is disabled.`,
      exitCode: EXIT.conflict,
      fix: "Enable it first, or leave it out.",
    });
  }
  return [...chosen.values()];
};
