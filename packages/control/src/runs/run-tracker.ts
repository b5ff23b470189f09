import {
  type InstanceId,
  isTerminalRunState,
  type Run,
  type RunAddress,
  type RunObservation,
  type RunRecord,
  type RunState,
  type SubjectRef,
  toRunFacts,
} from "@airfleet/model";
import type { RunChange, Store } from "@airfleet/store";
import type { LastRuns } from "../poll/last-runs.ts";
import type { SubjectMatcher } from "../subjects/subject-matcher.ts";
import type { InstanceTime } from "./instance-time.ts";
import type { Redact } from "../triggers/secret-names.ts";
import { confHashOf } from "../actions/stored-intent.ts";
import { toKeptConf } from "./kept-conf.ts";

/** Where everybody goes who has learned something of a run: whoever told them, and in whatever order. */
export interface RunTracker {
  /** What an observation begun now, or at an earlier moment of ours, is dated by: the instance's clock, epoch milliseconds. */
  timeOf(instance: InstanceId, ourTime?: number): number;
  /**
   * Takes observations of one instance's runs into the store, with all that follows: history, events, subjects, the
   * board's last runs. Secrets in a conf are taken out, and what is too long of it.
   *
   * @returns the runs that it changed
   * @throws {AirfleetError} STORE_BUSY, STORE_UNAVAILABLE
   */
  note(instance: InstanceId, observations: readonly RunObservation[]): Promise<readonly RunChange[]>;
}

interface TrackerPorts {
  readonly store: Pick<Store, "runs">;
  readonly lastRuns: LastRuns;
  readonly matcher: SubjectMatcher;
  readonly time: InstanceTime;
  readonly redact: Redact;
  /** Something was written that the sequencer should look at. */
  readonly onWritten: () => void;
}

/** Observations per transaction: on SQLite others wait for it. */
const CHUNK = 100;

type Conf = Readonly<Record<string, unknown>>;
type Reading = Extract<RunObservation, { readonly kind: "read" }>;

const confOf = (observation: RunObservation): Conf | undefined => {
  if (observation.kind === "read") return observation.run.conf;
  return observation.kind === "heard" ? observation.conf : undefined;
};

const nameOf = ({ dagId, runId }: RunAddress): string => `${dagId}\n${runId}`;

export const createRunTracker = (ports: TrackerPorts): RunTracker => {
  const { store, lastRuns, matcher, time, redact, onWritten } = ports;

  /** Without secrets, and short enough; `whole` gets each conf before it was cut, for the rules. */
  const toKept = (instance: InstanceId, observation: RunObservation, whole: Map<string, Conf>): RunObservation => {
    const cut = (conf: Conf): Conf => {
      const clean = redact(conf, { instance, dagId: observation.dagId }) as Conf;
      const kept = toKeptConf(clean);
      if (kept !== clean) whole.set(nameOf(observation), clean);
      return kept;
    };
    switch (observation.kind) {
      case "read":
        return { ...observation, run: { ...observation.run, conf: cut(observation.run.conf) } };
      case "heard":
        return observation.conf === undefined ? observation : { ...observation, conf: cut(observation.conf) };
      case "gone":
      case "stopped":
        return observation;
      default:
        return observation satisfies never;
    }
  };

  /** What we call the state of runs that were just read, where the engine may have another word for it. */
  const statesOf = async (
    instance: InstanceId,
    readings: readonly Reading[],
    changes: readonly RunChange[],
  ): Promise<ReadonlyMap<string, RunState>> => {
    const states = new Map(changes.map(({ run, after }) => [nameOf(run.record), after]));
    const unsure = readings.filter(({ run }) => isTerminalRunState(run.state) && !states.has(nameOf(run)));
    if (unsure.length === 0) return states;
    for (const { record } of await store.runs.findMany(instance, unsure)) states.set(nameOf(record), record.state);
    return states;
  };

  const showOnBoard = async (
    instance: InstanceId,
    observations: readonly RunObservation[],
    changes: readonly RunChange[],
  ): Promise<void> => {
    const readings = observations.filter((observation) => observation.kind === "read");
    if (readings.length === 0) return;
    const states = await statesOf(instance, readings, changes);
    const byTime = Map.groupBy(readings, ({ at }) => at);
    for (const [at, group] of [...byTime].toSorted(([left], [right]) => left - right)) {
      const runs = group.map(({ run }): Run => ({ ...run, state: states.get(nameOf(run)) ?? run.state }));
      await lastRuns.note(instance, runs, at);
    }
  };

  const noteChunk = async (
    instance: InstanceId,
    observations: readonly RunObservation[],
  ): Promise<readonly RunChange[]> => {
    const whole = new Map<string, Conf>();
    const kept = observations.map((observation) => toKept(instance, observation, whole));
    const subjectsOf = (run: RunRecord): readonly SubjectRef[] => {
      const facts = toRunFacts(instance, run);
      return matcher.match({ ...facts, conf: whole.get(nameOf(run)) ?? facts.conf });
    };
    const hashOf = (run: RunAddress): string | null => {
      const confs = observations.filter((one) => nameOf(one) === nameOf(run)).map(confOf);
      const conf = confs.findLast((one) => one !== undefined);
      return conf === undefined ? null : confHashOf(conf);
    };
    const changes = await store.runs.observe({ instance, observations: kept, subjectsOf, confHashOf: hashOf });
    if (changes.length > 0) onWritten();
    await showOnBoard(instance, kept, changes);
    return changes;
  };

  return {
    timeOf: (instance, ourTime) => time.at(instance, ourTime),

    async note(instance, observations) {
      const changes: RunChange[] = [];
      for (let start = 0; start < observations.length; start += CHUNK) {
        changes.push(...(await noteChunk(instance, observations.slice(start, start + CHUNK))));
      }
      return changes;
    },
  };
};
