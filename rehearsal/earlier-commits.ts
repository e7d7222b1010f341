/**
 * Commits that images of the checked-in overlays are tagged by. A sandbox that counts those images as pushed has to have the
 * commits too, or no newer tag would descend from the deployed one. The number makes the commit's name begin with the tag:
 * it was found by trying.
 */
const NUMBERS: Readonly<Record<string, number>> = {
  '3c91f0e': 1158872675,
  '4f2a91c': 1347423414,
  '5d18c2f': 1204839251,
  '7be20d4': 1093490869,
  '8caff6f': 1269640664,
  '8d3e7b0': 1391897268,
  a45f9c1: 1033481373,
  e07d38b: 1022253127,
};

/** Messages of the commits that images were built from, as far as the sandbox can have them. @param images - with their tags. */
export function earlierCommits(images: readonly string[]): string[] {
  const tags = new Set(images.map((image) => image.slice(-7)));
  return [...tags].flatMap((tag) => (tag in NUMBERS ? `Earlier commit, number ${NUMBERS[tag]}` : []));
}
