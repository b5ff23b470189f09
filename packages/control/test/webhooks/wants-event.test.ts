import type { StoredEvent } from "@airfleet/store";
import { describe, expect, it } from "vitest";
import { wantsEvent } from "../../src/webhooks/wants-event.ts";
import { WebhookBody } from "../../src/webhooks/webhook.ts";

const bodyOf = (changes: object = {}): WebhookBody => WebhookBody.parse({ url: "https://a.example", ...changes });

const eventOf = (changes: Partial<StoredEvent> = {}): StoredEvent => ({
  seq: 1,
  at: 1,
  kind: "run.changed",
  instance: "eu-1",
  dagId: "orders",
  runId: "r",
  tenant: null,
  payload: { state: "failed", subjects: [{ type: "aid", id: "1" }], subjects_total: 1 },
  ...changes,
});

const wants = (body: object, event: Partial<StoredEvent> = {}): boolean => wantsEvent(bodyOf(body), eventOf(event));

describe("what a receiver is told of", () => {
  it("is its kinds, instances, DAGs and states, all of them together", () => {
    expect(wants({})).toBe(true);
    expect(wants({ events: ["dag.changed"] })).toBe(false);
    expect(wants({ instances: ["EU-*"] })).toBe(true);
    expect(wants({ instances: ["us-*"] })).toBe(false);
    expect(wants({ dag_ids: ["bills", "ord*"] })).toBe(true);
    expect(wants({ dag_ids: ["bills"] })).toBe(false);
    expect(wants({ dag_ids: ["*"] }, { dagId: null })).toBe(false);
    expect(wants({ states: ["success"] })).toBe(false);
    expect(wants({ instances: ["eu-*"], states: ["failed"], dag_ids: ["orders"] })).toBe(true);
  });

  it("is no event of no instance, unless it is told of all of them", () => {
    expect(wantsEvent(bodyOf({ instances: ["eu-*"] }), eventOf({ instance: null }))).toBe(false);
    expect(wantsEvent(bodyOf(), eventOf({ instance: null }))).toBe(true);
  });

  it("is an event about its subject types, or about more subjects than the event names", () => {
    const aids = bodyOf({ events: ["run.changed", "run.removed", "subject.changed"], subject_types: ["aid"] });
    expect(wantsEvent(aids, eventOf())).toBe(true);
    expect(wantsEvent(aids, eventOf({ payload: { subjects: [{ type: "book", id: "1" }], subjects_total: 1 } }))).toBe(
      false,
    );
    expect(wantsEvent(aids, eventOf({ payload: { subjects: [{ type: "book", id: "1" }], subjects_total: 2 } }))).toBe(
      true,
    );
    expect(wantsEvent(aids, eventOf({ kind: "run.removed", payload: { subjects_total: 3 } }))).toBe(true);
    expect(wantsEvent(aids, eventOf({ kind: "run.removed", payload: { subjects_total: 0 } }))).toBe(false);
    expect(wantsEvent(aids, eventOf({ kind: "subject.changed", payload: { type: "aid", id: "1" } }))).toBe(true);
    expect(wantsEvent(aids, eventOf({ kind: "subject.changed", payload: { type: "book", id: "1" } }))).toBe(false);
  });
});
