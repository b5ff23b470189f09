import { type Command } from "commander";
import { actOnMany, type ActOptions } from "../fleet/act-on-many.ts";
import { chooseDagTargets, type DagTarget } from "../fleet/choose-dag-targets.ts";
import { examples } from "../program/noun.ts";
import { actOptions, clientsOption } from "../program/parse-options.ts";
import { act } from "../session/act.ts";

type Options = ActOptions & { readonly clients?: string };

const preview = (target: DagTarget, wanted: boolean): string => {
  const word = wanted ? "pause" : "unpause";
  if (target.isPaused === null) return `${word} (not read yet)`;
  return target.isPaused === wanted ? `change nothing: already ${word}d` : word;
};

const setPaused = (wanted: boolean) =>
  act<Options>(async ({ session, options, args }) => {
    const chosen: DagTarget[] = [];
    for (const dagId of new Set(args))
      chosen.push(...(await chooseDagTargets(session, dagId, options.clients, { isActing: true })));
    return actOnMany(
      session,
      chosen,
      {
        words: `${wanted ? "pause" : "unpause"} ${args.join(", ")}`,
        isGuarded: true,
        perform: ({ instance, dagId }, confirm, call) =>
          session.client.patchDag(
            { params: { instance, dag_id: dagId }, body: { is_paused: wanted, ...confirm } },
            call,
          ),
        preview: async (target) => preview(target, wanted),
      },
      options,
    );
  });

/** `airfleet pause …` and `airfleet unpause …` */
export const addPausingCommands = (program: Command): void => {
  for (const wanted of [true, false]) {
    const verb = wanted ? "pause" : "unpause";
    const command = program
      .command(`${verb} <dag...>`)
      .description(
        wanted
          ? "Pause DAGs: running tasks go on, nothing new starts"
          : "Unpause DAGs; a scheduled one starts its last closed interval",
      )
      .addOption(clientsOption("all enabled that have it"))
      .addHelpText(
        "after",
        examples(
          `${verb} orders_daily`,
          `${verb} orders_daily --clients eu-1,eu-2 --dry-run`,
          `${verb} orders_daily --clients eu-prod-1 --confirm eu-prod-1`,
        ),
      )
      .action(setPaused(wanted));
    for (const option of actOptions()) command.addOption(option);
  }
};
