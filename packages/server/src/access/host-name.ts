/** Host name of a `Host` header without its port, in lower case; IPv6 without its brackets. */
export const hostNameOf = (header: string): string =>
  header
    .trim()
    .toLowerCase()
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");

/** Whether an address to listen on can be reached from this machine only. */
export const isLoopback = (host: string): boolean => {
  const name = hostNameOf(host.includes(":") && !host.startsWith("[") ? `[${host}]` : host);
  return name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
};
