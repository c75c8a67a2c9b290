/** Runs `work` while this page alone owns the store; returns false when another page does. */
export async function asOnlyOwner(name: string, work: () => Promise<void>): Promise<boolean> {
  return await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (!lock) return false;
    await work();
    return true;
  });
}
