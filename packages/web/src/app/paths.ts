/** Every address of the interface. Nothing else builds one. */
export const PATHS = {
  fleet: "/",
  dags: "/dags",
  runs: "/runs",
  run: "/runs/$run",
  subjects: "/subjects",
  audit: "/audit",
  settings: "/settings",
} as const;

/** The place of the main navigation that an address belongs to. */
export const placeOf = (pathname: string): string => {
  const first = pathname.split("/")[1] ?? "";
  return first === "" ? PATHS.fleet : `/${first}`;
};
