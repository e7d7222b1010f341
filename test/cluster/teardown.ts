/** Ends what the setup started. */
export default function teardown(): void {
  globalThis.clusterServer?.stop();
}
