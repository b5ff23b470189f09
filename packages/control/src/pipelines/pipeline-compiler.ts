import { createHash } from "node:crypto";
import { type CompiledPlan, compilePlan } from "@airfleet/compiler";
import { isNestedDeeper, isOnSchedule, type PipelineContent, type PlanSchedule } from "@airfleet/model";
import type { PipelineUses } from "@airfleet/store";
import type { ModuleLibrary } from "../modules/module-library.ts";
import { createWeighedCache } from "./compiled-cache.ts";
import { toPlanSchedule } from "./plan-schedule.ts";

/** A pipeline to be compiled. */
export interface CompileRequest {
  readonly id: string;
  readonly content: PipelineContent;
  /** Epoch milliseconds; null when it was never scheduled. */
  readonly firstScheduledAt: number | null;
  /** In place of the pipeline's own; null for none. */
  readonly schedule?: PlanSchedule | null;
}

/** What compiling came to, with the names that the nodes use. */
export type Compilation = CompiledPlan & { readonly uses: PipelineUses };

/** Compiles pipelines; the same one, again and again, costs a look into memory. */
export interface PipelineCompiler {
  compile(request: CompileRequest): Compilation;
}

/** Nodes of all plans that are kept: some tens of megabytes. */
const KEPT_NODES = 20_000;
/** What a plan weighs besides its nodes. */
const PLAN_WEIGHT = 2;

const compileAnew = (
  { id, content, firstScheduledAt, schedule: given }: CompileRequest,
  { library, now }: { readonly library: ModuleLibrary; readonly now: () => number },
): Compilation => {
  const catalogue = library.catalogue();
  const own = toPlanSchedule(content, firstScheduledAt ?? now());
  const compiled = compilePlan(
    {
      id,
      name: content.name,
      config: content.config,
      tags: content.tags,
      defaultParams: content.defaultParams,
      schedule: given === undefined ? own.schedule : given,
    },
    { catalogue },
  );
  const modules = compiled.modules;
  const connections = compiled.connections.map((use) => use.id).filter((name) => name !== "");
  const uses: PipelineUses = { modules, connections };
  const findings = [...compiled.findings, ...own.findings];
  const isSound = own.findings.every(({ severity }) => severity === "warning");
  return isSound
    ? { ...compiled, findings, uses }
    : { plan: null, hash: null, connections: compiled.connections, modules, findings, uses };
};

export const createPipelineCompiler = (library: ModuleLibrary, now: () => number): PipelineCompiler => {
  const cache = createWeighedCache<Compilation>(
    KEPT_NODES,
    ({ plan, findings }) => PLAN_WEIGHT + (plan?.steps.length ?? 0) + findings.length,
  );
  const keyOf = ({ id, content, firstScheduledAt, schedule }: CompileRequest): string => {
    const { name, config, tags, defaultParams, schedule: cron, isScheduled, timeZone, status } = content;
    const parts = [
      id,
      name,
      config,
      tags,
      defaultParams,
      cron,
      isScheduled,
      timeZone,
      status,
      firstScheduledAt,
      schedule,
    ];
    return createHash("sha256")
      .update(JSON.stringify([library.edition(), schedule === undefined, ...parts]))
      .digest("base64url");
  };
  return {
    compile(request) {
      const ports = { library, now };
      const { content, firstScheduledAt } = request;
      // Too deep to be written as the key; it is found to be so.
      if (isNestedDeeper(content.config)) return compileAnew(request, ports);
      // What is not scheduled yet would start now: not the same a minute later.
      if (firstScheduledAt === null && isOnSchedule(content)) return compileAnew(request, ports);
      return cache.get(keyOf(request), () => compileAnew(request, ports));
    },
  };
};
