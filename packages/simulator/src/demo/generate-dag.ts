import type { DagSpec, LogLineSpec, ScheduleSpec, TaskSpec } from "../specs/dag-spec.ts";
import { chanceOf } from "../world/chance.ts";
import { DOMAINS, PROGRESS, SCHEDULES, TEAMS, TIERS, TROUBLES, WORKS } from "./vocabulary.ts";

/** What the generated DAGs of one instance have in common. */
export interface DagFlavour {
  readonly seed: number;
  /** Past runs per DAG. */
  readonly historyRuns: number;
  /** Share of DAGs that are paused. */
  readonly pausedShare: number;
  /** Share of DAGs that fail now and then. */
  readonly flakyShare: number;
}

const pick = <Item>(items: readonly Item[], chance: number): Item => {
  const item = items[Math.floor(chance * items.length)];
  if (item === undefined) throw new RangeError(`nothing to pick from at ${chance}`);
  return item;
};

const logOf = (draw: (what: string) => number, taskId: string): readonly (string | LogLineSpec)[] => {
  if (draw(`warns ${taskId}`) >= 0.15) return PROGRESS;
  const { type, value } = pick(TROUBLES, draw(`trouble ${taskId}`));
  return [...PROGRESS, { text: `retrying after ${type}: ${value}`, level: "warning", logger: "pipeline.http" }];
};

/** Task lists come in this many variants per kind of work; DAGs share them, which is what keeps twenty thousand of them small. */
const VARIANTS = 12;

const tasksOf = (work: (typeof WORKS)[number], variant: number, isFlaky: boolean): readonly TaskSpec[] => {
  const draw = (what: string): number => chanceOf(work.name, variant, what);
  const weakest = Math.floor(draw("weakest") * work.tasks.length);
  return work.tasks.map((taskId, index): TaskSpec => {
    const next = work.tasks[index + 1];
    const isMapped = taskId === "fetch_records" && draw("mapped") < 0.5;
    return {
      taskId,
      ...(next === undefined ? {} : { downstream: [next] }),
      durationSeconds: Math.round(5 + draw(`takes ${taskId}`) * 40),
      retries: draw(`retries ${taskId}`) < 0.5 ? 1 : 0,
      retryDelaySeconds: 30,
      operator: draw(`operator ${taskId}`) < 0.6 ? "PythonOperator" : "BashOperator",
      log: logOf(draw, taskId),
      ...(isMapped ? { mapped: 2 + Math.floor(draw("maps") * 4) } : {}),
      ...(isFlaky && index === weakest ? { failRate: 0.3 } : {}),
    };
  });
};

const taskLists = new Map<string, readonly TaskSpec[]>();

const sharedTasks = (work: (typeof WORKS)[number], variant: number, isFlaky: boolean): readonly TaskSpec[] => {
  const key = `${work.name}/${variant}/${isFlaky}`;
  const known = taskLists.get(key);
  if (known !== undefined) return known;
  const made = tasksOf(work, variant, isFlaky);
  taskLists.set(key, made);
  return made;
};

/** The DAG with this number: the same for the same seed, on every instance. */
export const generateDag = (index: number, flavour: DagFlavour): DagSpec => {
  const draw = (what: string): number => chanceOf(flavour.seed, index, what);
  const domain = DOMAINS[index % DOMAINS.length] ?? "collections";
  const work = WORKS[Math.floor(index / DOMAINS.length) % WORKS.length] ?? WORKS[0];
  const round = Math.floor(index / (DOMAINS.length * WORKS.length));
  const dagId = `${domain}_${work.name}${round === 0 ? "" : `_${round + 1}`}`;
  const team = pick(TEAMS, draw("team"));
  const schedule: ScheduleSpec = pick<ScheduleSpec>(SCHEDULES, draw("schedule"));
  const isFlaky = draw("flaky") < flavour.flakyShare;
  const title = `${work.name[0]?.toUpperCase() ?? ""}${work.name.slice(1)} of ${domain.replaceAll("_", " ")}`;
  return {
    dagId,
    schedule,
    tags: [pick(TIERS, draw("tier") ** 1.5), `team:${team}`, domain],
    owners: [team],
    description: title,
    docMd: `# ${title}\n\nRun by team ${team}. Ask them before clearing.`,
    paused: draw("paused") < flavour.pausedShare,
    tasks: sharedTasks(work, Math.floor(draw("variant") * VARIANTS), isFlaky),
    history: {
      runs: flavour.historyRuns,
      failRate: isFlaky ? 0.35 : 0.03,
      durationSeconds: 40 + draw("span") * 400,
      everySeconds: 36_000,
    },
  };
};
