-- Confirmed faces of a digiKam database as the JSON lines of docs/moving.md:
--   sqlite3 digikam4.db < digikam.sql > people.jsonl
-- Asset ids are paths within the collection, as `facefolk ingest COLLECTION` makes them.
-- Rectangles are of the upright picture, sizes of the picture as it is stored; orientations
-- 5 to 8 lie on their side. CAST reads the digits that a text begins with.
SELECT json_object(
    'asset_id', ltrim(rtrim(album.relativePath, '/') || '/' || image.name, '/'),
    'name', tag.name,
    'person', 'digikam tag ' || tag.id,
    'box', json_array(region.x, region.y, region.x + region.width, region.y + region.height),
    'image_width', CASE WHEN size.orientation BETWEEN 5 AND 8 THEN size.height ELSE size.width END,
    'image_height', CASE WHEN size.orientation BETWEEN 5 AND 8 THEN size.width ELSE size.height END
)
FROM (
    SELECT
        imageid,
        tagid,
        CAST(substr(value, instr(value, ' x="') + 4) AS INTEGER) AS x,
        CAST(substr(value, instr(value, ' y="') + 4) AS INTEGER) AS y,
        CAST(substr(value, instr(value, ' width="') + 8) AS INTEGER) AS width,
        CAST(substr(value, instr(value, ' height="') + 9) AS INTEGER) AS height
    FROM ImageTagProperties
    WHERE property = 'tagRegion' AND value LIKE '<rect %'
) AS region
JOIN Images AS image ON image.id = region.imageid AND image.status = 1
JOIN Albums AS album ON album.id = image.album
JOIN ImageInformation AS size ON size.imageid = image.id AND size.width > 0 AND size.height > 0
JOIN Tags AS tag ON tag.id = region.tagid
WHERE region.width > 0 AND region.height > 0
    AND EXISTS (
        SELECT 1 FROM TagProperties AS somebody
        WHERE somebody.tagid = tag.id AND somebody.property = 'person'
    )
    AND NOT EXISTS (
        SELECT 1 FROM TagProperties AS nobody
        WHERE nobody.tagid = tag.id
            AND nobody.property IN ('unknownPerson', 'unconfirmedPerson', 'ignoredPerson')
    )
ORDER BY image.id, tag.id;
