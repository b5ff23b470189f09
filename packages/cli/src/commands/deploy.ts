import type { Command } from "commander";
import { confirmed, finish, type WaitOptions, withWaiting } from "../fleet/follow-deployments.ts";
import { examples } from "../program/noun.ts";
import { collect } from "../program/parse-options.ts";
import { act } from "../session/act.ts";

interface DeployOptions extends WaitOptions {
  readonly instance?: readonly string[];
  readonly environment?: string;
  readonly dryRun?: boolean;
}

const deploy = act<DeployOptions>(async ({ session, options, args: [pipeline = ""] }) => {
  const { instance, environment, dryRun = false } = options;
  const params = { pipeline };
  const place = environment === undefined ? { instances: [...(instance ?? [])] } : { environment };
  const planned = await session.client.deployPipeline({ params, body: { ...place, dry_run: true } });
  if (dryRun) {
    for (const item of planned.items) {
      const what =
        item.present_hash === null
          ? "first deployment"
          : item.present_hash === item.artifact_hash
            ? "the same version again"
            : "another version";
      session.output.note(`${item.instance}: ${what} of ${item.dag_id}, revision ${item.revision}, by ${item.target}`);
    }
    return;
  }
  const instances = planned.items.map((item) => item.instance);
  const confirm = await confirmed(session, instances, `deploy pipeline ${pipeline}`, options.confirm);
  const asked = await session.client.deployPipeline(
    { params, body: { ...place, ...confirm } },
    { prefer: "respond-async" },
  );
  await finish(
    session,
    asked.items.flatMap((item) => item.deployment ?? []),
    options,
  );
});

interface PromoteOptions extends WaitOptions {
  readonly from: string;
  readonly to: string;
  readonly dryRun?: boolean;
  readonly allowMissing?: boolean;
}

const promote = act<PromoteOptions>(async ({ session, options, args: [pipeline = ""] }) => {
  const { from, to, dryRun = false, allowMissing = false } = options;
  const params = { pipeline };
  const planned = await session.client.promotePipeline({ params, body: { from, to, dry_run: true } });
  const { difference, missing, unread, revision } = planned;
  const note = (text: string): void => session.output.note(text);
  if (session.output.format !== "table" && session.output.format !== "wide" && dryRun) {
    await session.output.show(planned, [], pipeline);
    return;
  }
  note(
    difference === null
      ? `Nothing of it is on ${to} yet; revision ${revision} would be the first.`
      : `Revision ${revision} to ${to}:`,
  );
  for (const part of ["nodes", "edges"] as const) {
    for (const change of ["added", "removed", "changed"] as const) {
      for (const id of difference?.[part][change] ?? []) note(`  ${part.slice(0, -1)} ${change}: ${id}`);
    }
  }
  for (const field of difference?.fields ?? []) note(`  changed: ${field}`);
  for (const { kind, name } of missing) note(`  missing on ${to}: ${kind} ${name}`);
  for (const text of unread) note(`  not read on ${to}: ${text}`);
  if (dryRun) return;
  const confirm = await confirmed(session, [to], `promote pipeline ${pipeline}`, options.confirm);
  const body = { from, to, allow_missing: allowMissing, ...confirm };
  const { deployment } = await session.client.promotePipeline({ params, body }, { prefer: "respond-async" });
  await finish(session, deployment === null ? [] : [deployment], options);
});

/** `airfleet deploy …`, `airfleet promote …` */
export const addDeployCommands = (program: Command): void => {
  withWaiting(
    program
      .command("deploy <pipeline>")
      .description("Bring a pipeline to instances, and see that this version is live there")
      .option("--instance <ids>", "to these, with commas between", collect)
      .option("--environment <name>", "to the instances of one of its environments")
      .option("--dry-run", "say what would be done"),
  )
    .addHelpText(
      "after",
      examples("deploy 3b9c1f0e-… --instance dev-1 --wait", "deploy 3b9c1f0e-… --environment prod --confirm eu-prod-1"),
    )
    .action(deploy);
  withWaiting(
    program
      .command("promote <pipeline>")
      .description("Bring to one instance the revision that another has")
      .requiredOption("--from <instance>", "where the revision is now")
      .requiredOption("--to <instance>", "where it is to be")
      .option("--allow-missing", "also where the target lacks connections or pools")
      .option("--dry-run", "say what would change and what is missing there"),
  )
    .addHelpText("after", examples("promote 3b9c1f0e-… --from dev-1 --to prod-1 --dry-run"))
    .action(promote);
};
