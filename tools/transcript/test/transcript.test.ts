import { expect, test } from "vitest";
import { readCommands } from "../src/read-commands.ts";
import { presentBody } from "../src/shorten.ts";

test("commands are read from bash blocks, with their continuations and without comments", () => {
  const guide =
    "```sh\nairfleet serve\n```\n\n```bash\n# all\ncurl a\ncurl b \\\n  -d '{}'\n```\n\n```bash\ncurl c\n```\n";
  expect(readCommands(guide)).toEqual(["curl a", "curl b \\\n  -d '{}'", "curl c"]);
});

test("a long list says how much is missing, and what is no JSON stays", () => {
  expect(JSON.parse(presentBody('{"a":[1,2,3,4]}'))).toEqual({ a: [1, 2, "… 2 more"] });
  expect(presentBody("Welcome")).toBe("Welcome");
});
