-- Named people of an Immich database as the JSON lines of docs/moving.md:
--   psql --no-align --tuples-only --variable=root=/usr/src/app/upload/ \
--       --file=immich.sql immich > people.jsonl
-- Asset ids are paths below `root`, as `facefolk ingest ROOT` makes them; who submits under
-- Immich's own ids takes asset.id instead. Boxes are of the upright preview, whose size is
-- beside them. Immich does not say whether a person gave a face to somebody by hand, so those
-- that its detector found may be moved by rounds, and the others not.
SELECT json_build_object(
    'asset_id', substr(asset."originalPath", length(:'root') + 1),
    'name', person.name,
    'person', 'immich ' || person.id,
    'birth_date', coalesce(to_char(person."birthDate", 'YYYY-MM-DD'), ''),
    'hidden', person."isHidden",
    'favorite', person."isFavorite",
    'feature', coalesce(person."faceAssetId" = face.id, false),
    'manual', face."sourceType" <> 'machine-learning',
    'box', json_build_array(
        face."boundingBoxX1", face."boundingBoxY1", face."boundingBoxX2", face."boundingBoxY2"
    ),
    'image_width', face."imageWidth",
    'image_height', face."imageHeight"
)
FROM asset_face AS face
JOIN person ON person.id = face."personId" AND person.name <> ''
JOIN asset ON asset.id = face."assetId" AND asset.type = 'IMAGE'
WHERE face."deletedAt" IS NULL
    AND asset."deletedAt" IS NULL
    AND starts_with(asset."originalPath", :'root')
    AND face."imageWidth" > 0 AND face."imageHeight" > 0
    AND face."boundingBoxX2" > face."boundingBoxX1"
    AND face."boundingBoxY2" > face."boundingBoxY1"
ORDER BY asset."originalPath", face.id;
