import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { findCandidates } from "../src/completion/candidates.ts";
import { toExpectedConfirmation } from "../src/fleet/confirm-production.ts";
import { suggest } from "../src/fleet/suggest.ts";
import { COMMAND_GROUPS } from "../src/program/command-groups.ts";
import { createProgram } from "../src/program/create-program.ts";
import { isShown } from "../src/program/noun.ts";
import { parseSeconds, parseWhole } from "../src/program/parse-options.ts";
import { chooseServerUrl, readToken } from "../src/session/server-address.ts";

const leavesOf = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
const nameOf = (command: Command): string =>
  command.parent === null ? "" : `${nameOf(command.parent)} ${command.name()}`.trim();

const program = await createProgram();
const commands = leavesOf(program).filter(isShown);

describe("the commands", () => {
  test.each(COMMAND_GROUPS.flatMap(({ commands: words }) => Object.keys(words)))(
    "%s is itself when nothing else is loaded",
    async (word) => {
      const alone = (await createProgram(word)).commands.find((command) => command.name() === word);
      expect(alone?.helpInformation()).toBe(
        program.commands.find((command) => command.name() === word)?.helpInformation(),
      );
    },
  );

  test("each have their first word in a group", () => {
    const words = COMMAND_GROUPS.flatMap(({ commands: loaders }) => Object.keys(loaders));
    expect(program.commands.map((command) => command.name()).filter((name) => !name.startsWith("__"))).toEqual(words);
  });

  test("offer --confirm where production is asked about, and nowhere else", () => {
    const offering = commands.filter(({ options }) => options.some(({ long }) => long === "--confirm")).map(nameOf);
    expect(offering).toEqual(expect.arrayContaining(["pause", "unpause", "clear", "runs stop", "tasks set-state"]));
    expect(offering).not.toContain("trigger");
    for (const command of commands) {
      const help = command.helpInformation();
      expect(help.includes("--confirm")).toBe(offering.includes(nameOf(command)));
    }
  });

  test("are those that were promised", () => {
    const names = commands.map(nameOf);
    expect(names).toEqual(
      expect.arrayContaining([
        "serve",
        "status",
        "logs",
        "trigger",
        "pause",
        "unpause",
        "clear",
        "doctor",
        "backup",
        "restore",
        "completion",
        "version",
        ...["list", "show", "add", "remove", "probe"].map((verb) => `instances ${verb}`),
        ...["list", "show", "source", "graph"].map((verb) => `dags ${verb}`),
        ...["list", "show", "observations", "watch", "open", "stop", "delete", "set-state"].map(
          (verb) => `runs ${verb}`,
        ),
        ...["list", "tries", "set-state"].map((verb) => `tasks ${verb}`),
        ...["list", "verify"].map((verb) => `audit ${verb}`),
        ...["list", "create", "revoke"].map((verb) => `tokens ${verb}`),
        ...["show", "explain", "validate", "schema"].map((verb) => `config ${verb}`),
      ]),
    );
  });

  test.each(commands.map((command) => [nameOf(command), command] as const))(
    "%s has help with examples of itself",
    (name, command) => {
      let help = "";
      command.configureOutput({ writeOut: (text) => (help += text) });
      command.outputHelp();
      expect(command.description()).not.toBe("");
      expect(help).toContain(`Examples:\n  $ airfleet ${name}`);
    },
  );

  test("remove definitions in one way, whatever they define", () => {
    const removing = commands.filter((command) => /^remove(-|$)/.test(command.name())).map(nameOf);
    expect(removing).toEqual(
      expect.arrayContaining([
        "alerts remove-rule",
        "event-sources remove",
        "instances remove",
        "reports sources remove",
        "retention remove",
        "subjects rules remove",
        "trigger-keys remove",
        "webhooks remove",
      ]),
    );
    for (const command of commands.filter((each) => removing.includes(nameOf(each)))) {
      expect({ of: nameOf(command), options: command.options.map(({ flags }) => flags) }).toMatchObject({
        options: expect.arrayContaining(["-y, --yes"]),
      });
    }
    // The old word is for scripts, not for people.
    expect(commands.map(nameOf).filter((name) => /(retention|rules) delete/.test(name))).toEqual([]);
    expect(words(["retention"], "")).not.toContain("delete");
    expect(words(["retention"], "")).toContain("remove");
  });

  test.each(["pause", "unpause", "clear", "runs stop", "runs delete", "runs set-state", "tasks set-state"])(
    "%s takes --clients, --dry-run, --confirm, --yes, --no-wait and --timeout",
    (name) => {
      const command = commands.find((each) => nameOf(each) === name);
      const options = command?.options.map(({ long }) => long);
      expect(options).toEqual(
        expect.arrayContaining(["--clients", "--dry-run", "--confirm", "--yes", "--no-wait", "--timeout"]),
      );
    },
  );
});

const words = (before: readonly string[], current: string): readonly string[] => {
  const found = findCandidates(program, before, current);
  return found.kind === "words" ? found.words.map(([word]) => word) : [`<${found.kind}>`];
};

describe("completion", () => {
  test("offers commands, verbs, options and the values of options", () => {
    expect(words([], "")).toEqual(expect.arrayContaining(["status", "dags", "trigger"]));
    expect(words([], "")).not.toContain("__complete");
    expect(words(["dags"], "")).toEqual(expect.arrayContaining(["list", "show"]));
    expect(words(["dags", "list"], "--")).toEqual(expect.arrayContaining(["--tag", "--output", "--clients"]));
    expect(words(["dags", "list", "-o"], "")).toEqual(["table", "wide", "json", "yaml", "jsonl", "csv", "name"]);
  });

  test("knows where ids and files stand", () => {
    expect(words(["pause", "orders", "--clients"], "eu")).toEqual(["<instances>"]);
    expect(words(["instances", "show"], "")).toEqual(["<instances>"]);
    expect(words(["-o", "json", "trigger"], "ord")).toEqual(["<dags>"]);
    expect(words(["pause", "a", "b"], "")).toEqual(["<dags>"]);
    expect(words(["restore"], "")).toEqual(["<files>"]);
    expect(words(["serve", "--config"], "")).toEqual(["<files>"]);
  });
});

describe("suggestions", () => {
  test.each([
    ["eu-prod1", "eu-prod-1"],
    ["EU-PROD-1", "eu-prod-1"],
    ["ue-prod-1", "eu-prod-1"],
    ["client2", "client1"],
  ])("for %s is %s", (given, expected) => {
    expect(suggest(given, ["eu-prod-1", "us-staging-7", "client1"])).toBe(expected);
  });

  test("are not made up when nothing is near", () => {
    expect(suggest("zzz", ["eu-prod-1", "client1"])).toBeUndefined();
    expect(suggest("x", [])).toBeUndefined();
  });
});

describe("values on the command line", () => {
  test.each([
    ["90", 90],
    ["90s", 90],
    ["5m", 300],
    ["1h", 3_600],
  ])("%s is %i seconds", (text, expected) => {
    expect(parseSeconds(text)).toBe(expected);
  });

  test.each(["", "-1", "1d", "1.5m", "soon"])("%j is no time", (text) => {
    expect(() => parseSeconds(text)).toThrow("Give seconds");
  });

  test.each(["", "1.5", "x", "0", "11", "1e1"])("%j is no whole number from 1 to 10", (text) => {
    expect(() => parseWhole(1, 10)(text)).toThrow("Give a whole number");
  });

  test("confirming one instance takes its id, confirming several their number", () => {
    expect(toExpectedConfirmation(["eu-1"])).toBe("eu-1");
    expect(toExpectedConfirmation(["eu-1", "us-1"])).toBe("2 production");
  });
});

describe("the server's address", () => {
  test("is the option, AIRFLEET_URL, PORT, or port 3000, in this order", () => {
    const env = { AIRFLEET_URL: "https://a.example", PORT: "4000" };
    expect(chooseServerUrl("http://b:1", env).href).toBe("http://b:1/");
    expect(chooseServerUrl(undefined, env).href).toBe("https://a.example/");
    expect(chooseServerUrl(undefined, { PORT: "4000" }).href).toBe("http://127.0.0.1:4000/");
    expect(chooseServerUrl(undefined, {}).href).toBe("http://127.0.0.1:3000/");
  });

  test.each(["nonsense", "ftp://x", "localhost:3000"])("%s is refused", (text) => {
    expect(() => chooseServerUrl(text, {})).toThrow("is no address of a server");
  });

  test("needs no token; one comes from the environment or from a file", () => {
    expect(readToken({})).toBeUndefined();
    expect(readToken({ AIRFLEET_TOKEN: " aft_1\n" })).toBe("aft_1");
    expect(() => readToken({ AIRFLEET_TOKEN_FILE: "/does/not/exist" })).toThrow("AIRFLEET_TOKEN_FILE cannot be read");
  });
});
