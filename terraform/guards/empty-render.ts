import type { Guard } from './guard';

/** Share of the objects of an overlay whose loss in one change is more likely a mistake than a wish. */
const MOST = 0.5;

/** Refuses an overlay that renders nothing, or has lost most of its objects: Argo CD prunes what is no longer rendered. */
export const emptyRender: Guard = {
  name: 'empty-render',
  protects: 'overlays that would render nothing, or lose most of their objects',
  find: ({ overlays = [] }) =>
    overlays.flatMap(({ path, before, after }) => {
      if (before.length === 0) return [];
      const lost = before.length - after.length;
      if (lost < before.length * MOST || lost === 0) return [];
      const message =
        after.length === 0
          ? 'the overlay renders no object'
          : `the overlay renders ${after.length} objects instead of ${before.length}`;
      const kinds = [...new Set(before.map(({ kind }) => kind))].sort().join(', ');
      return [{ place: path, subject: path, message, blastRadius: `${lost} objects that Argo CD prunes: ${kinds}` }];
    }),
};
