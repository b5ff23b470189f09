import type { InstanceId, RunState } from "@airfleet/model";
import { type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from "kysely";
import type { BackendProfile } from "../backend/profile.ts";
import type { Database } from "../schema.ts";
import { toStorableText } from "../text/storable-text.ts";
import { foldText } from "../text/fold-text.ts";

/** Which cells of the fleet are wanted: those that meet every condition given. */
export interface FleetFilter {
  /** Only on these instances; none when empty. */
  readonly instances?: readonly InstanceId[];
  /** With any of these tags. */
  readonly tags?: readonly string[];
  readonly paused?: boolean;
  /** The last run is in one of these states. */
  readonly states?: readonly RunState[];
  /** Part of the id, the name or the beginning of the description, ignoring case. */
  readonly text?: string;
  readonly hasImportErrors?: boolean;
}

type CellConditions = ExpressionBuilder<Database, "dags">;
type Condition = ExpressionWrapper<Database, "dags", SqlBool>;

/** Conditions on the row of a DAG itself; most are answered by an index. */
export const rowConditions = (eb: CellConditions, filter: FleetFilter): Condition[] => {
  const conditions: Condition[] = [eb("dags.gone_at", "is", null)];
  const [only, ...others] = filter.instances ?? [];
  if (only !== undefined && others.length === 0) conditions.push(eb("dags.instance_id", "=", only));
  else if (filter.instances !== undefined) conditions.push(eb("dags.instance_id", "in", filter.instances));
  if (filter.paused !== undefined) conditions.push(eb("dags.is_paused", "=", filter.paused ? 1 : 0));
  if (filter.hasImportErrors === true) conditions.push(eb("dags.has_import_errors", "=", sql.lit(1)));
  if (filter.hasImportErrors === false) conditions.push(eb("dags.has_import_errors", "=", sql.lit(0)));
  if (filter.states !== undefined) conditions.push(eb("dags.last_run_state", "in", filter.states));
  return conditions;
};

/** Whether the DAG has one of the tags. */
export const tagCondition = (eb: CellConditions, tags: readonly string[]): Condition =>
  eb.exists(
    eb
      .selectFrom("dag_tags")
      .select(sql.lit(1).as("one"))
      .whereRef("dag_tags.instance_id", "=", "dags.instance_id")
      .whereRef("dag_tags.dag_id", "=", "dags.dag_id")
      .where("dag_tags.tag", "in", tags.map(toStorableText)),
  );

/** Whether the text is part of what is searched. */
export const textMatches = (profile: BackendProfile, text: string) =>
  profile.contains(sql.ref<string>("dag_texts.folded_text"), foldText(text));

export const textCondition = (eb: CellConditions, profile: BackendProfile, text: string): Condition =>
  eb.exists(
    eb
      .selectFrom("dag_texts")
      .select(sql.lit(1).as("one"))
      .whereRef("dag_texts.instance_id", "=", "dags.instance_id")
      .whereRef("dag_texts.dag_id", "=", "dags.dag_id")
      .where(textMatches(profile, text)),
  );

/** What no cell can meet, without asking the database. */
export const matchesNothing = ({ instances, tags, states }: FleetFilter): boolean =>
  instances?.length === 0 || tags?.length === 0 || states?.length === 0;
