import { assert, property, string, stringMatching } from "fast-check";
import { describe, expect, it } from "vitest";
import { isInScope } from "../src/index.ts";
import { bePatient } from "./patience.ts";

bePatient();

const id = stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,20}$/);

describe("the instances that a token reaches", () => {
  it("are those that one of its patterns matches as a whole, ignoring case", () => {
    expect(isInScope({ instances: ["eu-*"] }, "EU-prod-1")).toBe(true);
    expect(isInScope({ instances: ["eu-*"] }, "my-eu-1")).toBe(false);
    expect(isInScope({ instances: ["*-prod", "test"] }, "test")).toBe(true);
    expect(isInScope({ instances: ["a.c"] }, "abc")).toBe(false);
    expect(isInScope({ instances: [] }, "eu")).toBe(false);
  });

  it("are all for a star, and always include one that is named", () => {
    assert(
      property(id, (instance) => {
        expect(isInScope({ instances: ["*"] }, instance)).toBe(true);
        expect(isInScope({ instances: [instance] }, instance)).toBe(true);
      }),
    );
  });

  it("never throws on, and is never opened by, what is no pattern", () => {
    assert(
      property(string(), id, (glob, instance) => {
        const opened = isInScope({ instances: [glob] }, instance);
        expect(opened).toBe(glob.includes("*") ? opened : glob.toLowerCase() === instance.toLowerCase());
      }),
    );
  });

  it("are matched as an expression would match them", () => {
    assert(
      property(stringMatching(/^[ab*]{0,8}$/), stringMatching(/^[ab]{0,8}$/), (glob, instance) => {
        const expression = new RegExp(`^${glob.replaceAll(/\*+/g, ".*")}$`);
        expect(isInScope({ instances: [glob] }, instance)).toBe(expression.test(instance));
      }),
    );
  });

  it("are matched in time that does not explode with stars", () => {
    const started = performance.now();
    expect(isInScope({ instances: [`${"*a".repeat(16)}b`] }, "a".repeat(64))).toBe(false);
    expect(performance.now() - started).toBeLessThan(100);
  });
});
