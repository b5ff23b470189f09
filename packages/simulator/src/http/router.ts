/** Decoded values of a route's `{placeholders}`. */
export type PathParams = Readonly<Record<string, string>>;

/** A route: `/dags/{dag_id}/dagRuns`; `{name:path}` takes the rest of the path, slashes included, `{name:int}` only digits. */
export interface RoutePattern {
  readonly method: string;
  readonly path: string;
}

/** What the router found for a path. */
export type Match<R> =
  | { readonly kind: "route"; readonly route: R; readonly params: PathParams }
  | { readonly kind: "wrong method" }
  | { readonly kind: "none" };

/** Finds the route of a method and a path below the API's root. */
export type Router<R> = (method: string, path: string) => Match<R>;

interface Compiled<R> {
  readonly route: R;
  readonly segments: readonly string[];
  readonly isOpen: boolean;
}

const compile = <R extends RoutePattern>(route: R): Compiled<R> => {
  const segments = route.path.split("/").slice(1);
  return { route, segments, isOpen: segments.some((segment) => segment.endsWith(":path}")) };
};

const matchSegments = (pattern: readonly string[], parts: readonly string[]): PathParams | undefined => {
  const params: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const part = parts[index];
    if (part === undefined) return undefined;
    if (!segment.startsWith("{")) {
      if (segment !== part) return undefined;
      continue;
    }
    if (segment.endsWith(":int}")) {
      if (!/^\d+$/.test(part)) return undefined;
      params[segment.slice(1, -":int}".length)] = part;
      continue;
    }
    if (!segment.endsWith(":path}")) {
      if (part === "") return undefined;
      params[segment.slice(1, -1)] = part;
      continue;
    }
    const behind = pattern.length - index - 1;
    const rest = parts.slice(index, behind === 0 ? undefined : -behind);
    if (rest.length === 0 || rest.join("/") === "") return undefined;
    params[segment.slice(1, -":path}".length)] = rest.join("/");
    const tail = matchSegments(pattern.slice(index + 1), parts.slice(index + rest.length));
    return tail === undefined ? undefined : { ...params, ...tail };
  }
  return parts.length === pattern.length ? params : undefined;
};

/** Routes are tried in the order given: literal ones belong before those with placeholders. */
export const createRouter = <R extends RoutePattern>(routes: readonly R[]): Router<R> => {
  const byLength = new Map<number, Compiled<R>[]>();
  const open: Compiled<R>[] = [];
  for (const route of routes) {
    const compiled = compile(route);
    if (compiled.isOpen) open.push(compiled);
    else byLength.set(compiled.segments.length, [...(byLength.get(compiled.segments.length) ?? []), compiled]);
  }
  return (method, path) => {
    const parts = path.split("/").slice(1);
    let isKnown = false;
    for (const { route, segments } of [...(byLength.get(parts.length) ?? []), ...open]) {
      const params = matchSegments(segments, parts);
      if (params === undefined) continue;
      if (route.method === method) return { kind: "route", route, params };
      isKnown = true;
    }
    return { kind: isKnown ? "wrong method" : "none" };
  };
};

/** Reads a placeholder that the route is known to have. */
export const pathParam = (params: PathParams, name: string): string => {
  const value = params[name];
  if (value === undefined) throw new TypeError(`the route has no placeholder {${name}}`);
  return value;
};
