import type { InstanceId } from "@airfleet/model";
import type { LiveUseCases } from "../control.ts";
import type { Logger } from "../logger.ts";

/** A connection as an instance itself knows it. */
export interface InstanceConnection {
  readonly id: string;
  readonly kind: string | null;
}

/** What instances know of connections; undefined for one that cannot be asked now. */
export interface InstanceConnections {
  list(instance: InstanceId): Promise<readonly InstanceConnection[] | undefined>;
}

interface Ports {
  readonly live: Pick<LiveUseCases, "config">;
  readonly now: () => number;
  readonly logger: Logger;
}

/** How long an answer counts: somebody who adds a connection there checks again within the minute. */
const FRESH_MS = 30_000;
/** Somebody waits for the check of a pipeline; an instance that is slower is left out of it. */
const WAIT_MS = 4_000;

interface Answer {
  readonly at: number;
  readonly connections: Promise<readonly InstanceConnection[] | undefined>;
}

export const createInstanceConnections = ({ live, now, logger }: Ports): InstanceConnections => {
  const answers = new Map<InstanceId, Answer>();

  const ask = async (instance: InstanceId): Promise<readonly InstanceConnection[] | undefined> => {
    try {
      const entries = await live.config(instance, ["connection"], { timeoutMs: WAIT_MS });
      return entries.map(({ key, facts }) => {
        const type = facts["conn_type"];
        return { id: key, kind: typeof type === "string" ? type : null };
      });
    } catch (error) {
      logger.debug({ err: error, instance }, "the connections of an instance cannot be read");
      answers.delete(instance);
      return undefined;
    }
  };

  return {
    list(instance) {
      const known = answers.get(instance);
      if (known !== undefined && now() - known.at < FRESH_MS) return known.connections;
      const connections = ask(instance);
      answers.set(instance, { at: now(), connections });
      return connections;
    },
  };
};
