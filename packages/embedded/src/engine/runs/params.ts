import { AirfleetError, type Plan } from "@airfleet/model";

type Values = Readonly<Record<string, unknown>>;

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The parameters that a run's steps get: the plan's defaults, over them what stands in the conf under a declared name
 * (people who trigger by hand write it there), over that `conf.params`. The same on every engine.
 */
export const paramsOf = ({ params }: Pick<Plan, "params">, conf: Values): Values => {
  const declared = Object.entries(conf).filter(([name]) => name !== "params" && Object.hasOwn(params, name));
  return { ...params, ...Object.fromEntries(declared), ...(isValues(conf["params"]) ? conf["params"] : {}) };
};

/**
 * A parameter whose default is a number or a flag stands where only such a value can: another one would fail a step
 * later.
 *
 * @throws {AirfleetError} CONF_INVALID
 */
export const checkParams = (plan: Pick<Plan, "params">, conf: Values): void => {
  for (const [name, value] of Object.entries(paramsOf(plan, conf))) {
    const wanted = typeof plan.params[name];
    if ((wanted !== "number" && wanted !== "boolean") || value === null || typeof value === wanted) continue;
    const kind = wanted === "number" ? "a number" : "true or false";
    throw new AirfleetError("CONF_INVALID", {
      reason: `param "${name}" must be ${kind}, not ${JSON.stringify(value)}`,
    });
  }
};
