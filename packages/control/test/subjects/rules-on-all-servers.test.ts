import type { RunFacts } from "@airfleet/model";
import { expect, test } from "vitest";
import { backends, PATIENT } from "../../../store/test/backends.ts";
import { silentLogger, systemClock } from "../../src/index.ts";
import { createRuleKeeper } from "../../src/subjects/rule-keeper.ts";
import { createSubjectMatcher } from "../../src/subjects/subject-matcher.ts";
import { createSubjectRuleUseCases } from "../../src/subjects/subject-rule-use-cases.ts";
import { actor, eventually } from "../fleet-fixture.ts";

const now = (): number => Date.now();
const nothing = (): void => undefined;

const facts: RunFacts = { instance: "eu", dagId: "d", runId: "r", logicalDate: null, conf: { id: "1" } };
const rule = (type: string) => ({
  description: "",
  enabled: true,
  instances: ["*"],
  dags: ["*"],
  when: {},
  capture: {},
  subjects: [{ type, id: "{{ conf.id }}" }],
});

test(
  "a rule written on one server holds on another within seconds, and the rule shows what both counted",
  PATIENT,
  async () => {
    const postgres = backends.find(({ name }) => name === "postgres");
    if (postgres === undefined) throw new Error("only PostgreSQL is used by two servers");
    await using place = await postgres.place();
    const server = async () => {
      const store = await place.open();
      const matcher = createSubjectMatcher({ documents: store.documents, now, logger: silentLogger });
      await matcher.refresh();
      const keeper = createRuleKeeper({
        store,
        matcher,
        clock: systemClock,
        logger: silentLogger,
        random: () => 0,
      });
      const rules = createSubjectRuleUseCases({ store, matcher, now, onWritten: nothing, onApply: nothing });
      keeper.start();
      return { store, matcher, keeper, rules };
    };
    const [one, two] = [await server(), await server()];
    try {
      const { version } = await one.rules.create(actor, "a", rule("first"));
      expect(one.matcher.match(facts)).toEqual([{ type: "first", id: "1" }]);
      const begun = Date.now();
      await eventually(() => two.matcher.match(facts).length === 1);
      expect(Date.now() - begun).toBeLessThan(10_000);
      await eventually(async () => ((await two.rules.find("a"))?.tally.matchedRuns ?? 0) >= 2);
      await one.rules.update(actor, "a", { rule: rule("second"), version });
      await eventually(() => two.matcher.match(facts)[0]?.type === "second");
      await one.rules.remove(actor, "a", version + 1);
      await eventually(() => two.matcher.match(facts).length === 0);
    } finally {
      for (const { keeper, store } of [one, two]) {
        await keeper.stop();
        await store.close();
      }
    }
  },
);
