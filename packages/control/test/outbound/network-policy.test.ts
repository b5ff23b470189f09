import { describe, expect, it } from "vitest";
import { createGuardedLookup, type Resolve } from "../../src/outbound/guarded-lookup.ts";
import { judgeAddress } from "../../src/outbound/judge-address.ts";
import { createNetworkPolicy } from "../../src/outbound/network-policy.ts";

/** Addresses that must never be called, whatever is allowed, in every spelling a URL has for them. */
const NEVER = [
  "https://169.254.169.254/latest/meta-data",
  "https://169.254.169.254./",
  "https://2852039166/",
  "https://0xa9fea9fe/",
  "https://0251.0376.0251.0376/",
  "https://0xa9.0xfe.0xa9.0xfe/",
  "https://169.254.43518/",
  "https://169.16689662/",
  "https://0000000000000251.0376.0251.0376/",
  "https://%31%36%39.254.169.254/",
  "https://①⑥⑨.254.169.254/",
  "https://169。254。169。254/",
  "https://[::ffff:169.254.169.254]/",
  "https://[::ffff:a9fe:a9fe]/",
  "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
  "https://[::a9fe:a9fe]/",
  "https://[64:ff9b::169.254.169.254]/",
  "https://[64:ff9b:1::a9fe:a9fe]/",
  "https://[2002:a9fe:a9fe::1]/",
  "https://[2001:0:0:0:0:0:5601:5601]/",
  "https://[fe80::1]/",
  "https://[fd00:ec2::254]/",
  "https://[ff02::1]/",
  "https://[::]/",
  "https://0/",
  "https://0.0.0.0/",
  "https://0.1.2.3/",
  "https://224.0.0.1/",
  "https://255.255.255.255/",
  "https://250.1.2.3/",
  "https://100.100.100.200/",
  "https://168.63.129.16/",
];

/** Addresses that only the operator can allow. */
const PRIVATE = [
  "https://127.0.0.1/",
  "https://2130706433/",
  "https://0x7f000001/",
  "https://017700000001/",
  "https://0177.0.0.1/",
  "https://127.1/",
  "https://127.0.0.1./",
  "https://10.0.0.1/",
  "https://172.16.0.1/",
  "https://192.168.1.1/",
  "https://3232235777/",
  "https://100.64.0.1/",
  "https://198.18.0.1/",
  "https://192.0.2.7/",
  "https://[::1]/",
  "https://[::ffff:10.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[64:ff9b::10.0.0.1]/",
  "https://[2002:a00:1::]/",
  "https://[fc00::1]/",
  "https://[fec0::1]/",
];

const everything = createNetworkPolicy(["0.0.0.0/0", "::/0", "*"]);
const nothing = createNetworkPolicy([]);

const lookUp = (policy: ReturnType<typeof createNetworkPolicy>, resolve: Resolve, protocol: "http:" | "https:") => {
  const lookup = createGuardedLookup(policy, protocol, resolve);
  return (host: string) =>
    new Promise<string>((done, fail) => {
      lookup(host, {}, (error, address) => (error === null ? done(address as string) : fail(error)));
    });
};

const answering =
  (...addresses: readonly string[]): Resolve =>
  (_host, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );

describe("network policy", () => {
  it.each(NEVER)("never calls %s, even where everything is allowed", (url) => {
    expect(everything.refuseUrl(new URL(url))).toContain("never called");
  });

  it.each(PRIVATE)("calls %s only where the operator allows it", (url) => {
    expect(nothing.refuseUrl(new URL(url))).toContain("private address");
    expect(everything.refuseUrl(new URL(url))).toBeUndefined();
  });

  it("calls public addresses and names over https", () => {
    for (const url of ["https://hooks.example.org/x", "https://93.184.216.34/", "https://[2606:2800:220:1::1]/"]) {
      expect(nothing.refuseUrl(new URL(url))).toBeUndefined();
    }
    expect(judgeAddress("93.184.216.34")).toBe("public");
  });

  it("refuses other schemes, credentials in the URL, and plain http to whom nobody allowed it", () => {
    const inner = createNetworkPolicy(["10.0.0.0/8", "*.corp.example"]);
    expect(inner.refuseUrl(new URL("ftp://hooks.example.org/"))).toContain("neither https nor http");
    expect(inner.refuseUrl(new URL("file:///etc/passwd"))).toContain("neither https nor http");
    expect(inner.refuseUrl(new URL("https://a:b@hooks.example.org/"))).toContain("password");
    expect(nothing.refuseUrl(new URL("http://hooks.example.org/"))).toContain("plain http");
    expect(inner.refuseUrl(new URL("http://93.184.216.34/"))).toContain("plain http");
    expect(inner.refuseUrl(new URL("http://10.1.2.3/"))).toBeUndefined();
    expect(inner.refuseUrl(new URL("http://shop.CORP.example./"))).toBeUndefined();
    expect(inner.refuseUrl(new URL("http://127.0.0.1/"))).toContain("private address");
  });

  it("refuses a name that stands for a private address, also beside a public one", async () => {
    const refused = { code: "ADDRESS_REFUSED" };
    await expect(lookUp(nothing, answering("10.0.0.5"), "https:")("a.example")).rejects.toMatchObject(refused);
    await expect(lookUp(nothing, answering("93.184.216.34", "::1"), "https:")("a.example")).rejects.toMatchObject(
      refused,
    );
    await expect(lookUp(nothing, answering("::ffff:a00:5"), "https:")("a.example")).rejects.toMatchObject(refused);
    await expect(lookUp(everything, answering("169.254.169.254"), "https:")("metadata")).rejects.toMatchObject(refused);
    await expect(lookUp(nothing, answering(), "https:")("a.example")).rejects.toMatchObject(refused);
    expect(await lookUp(nothing, answering("93.184.216.34"), "https:")("a.example")).toBe("93.184.216.34");
  });

  it("allows a name by its network, and by itself, but plain http to no public address", async () => {
    const inner = createNetworkPolicy(["10.0.0.0/8", "shop.example"]);
    expect(await lookUp(inner, answering("10.0.0.5"), "http:")("a.example")).toBe("10.0.0.5");
    expect(await lookUp(inner, answering("192.168.0.5"), "http:")("shop.example")).toBe("192.168.0.5");
    const refused = { code: "ADDRESS_REFUSED", message: expect.stringContaining("plain http") };
    await expect(lookUp(inner, answering("93.184.216.34"), "http:")("a.example")).rejects.toMatchObject(refused);
  });
});
