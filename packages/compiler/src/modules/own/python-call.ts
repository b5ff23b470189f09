import { toPlanValue } from "../../params/to-plan-value.ts";
import { toPythonLiteral } from "../../python/literal.ts";

/** A function of a team's own module, as one node calls it. */
export interface PythonCall {
  /** The module's file. */
  readonly source: string;
  readonly function: string;
  readonly config: unknown;
  /** Names of the inputs that are connected. */
  readonly inputs: readonly string[];
  /** Names in the order of the function's arguments; null: as they are connected, by name. */
  readonly ports: readonly string[] | null;
}

/** What calls it; the runtime finds it by this name. */
export const PYTHON_ENTRY = "_airfleet_call";

/** Fills in parameters as steps do: alone a value, within a text its text. */
const FILL = `def _airfleet_fill(value, params):
    if isinstance(value, dict):
        if set(value) == {"$param"}:
            return params[value["$param"]]
        if set(value) == {"$text"}:
            return "".join(part if isinstance(part, str) else str(params[part["$param"]]) for part in value["$text"])
        return {key: _airfleet_fill(inner, params) for key, inner in value.items()}
    if isinstance(value, list):
        return [_airfleet_fill(inner, params) for inner in value]
    return value
`;

/**
 * The module's file with a function behind it that hands over the frames in the order of the manifest, the config, and
 * the run's parameters where the function asks for them. The config is data: a literal, never code.
 */
export const toPythonCall = ({ source, function: name, config, inputs, ports }: PythonCall): string => {
  const sorted = inputs.toSorted();
  const order = (ports ?? sorted).map((port) => (sorted.includes(port) ? `frames[${sorted.indexOf(port)}]` : "None"));
  const given = [...order, `config=_airfleet_fill(${toPythonLiteral(toPlanValue(config))}, params)`].join(", ");
  return `${source.trimEnd()}


${FILL}

def ${PYTHON_ENTRY}(*frames, params):
    import inspect

    more = {"params": params} if "params" in inspect.signature(${name}).parameters else {}
    return ${name}(${given}, **more)
`;
};
