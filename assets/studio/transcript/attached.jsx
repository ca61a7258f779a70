/* Files that belong to a message: pictures as pictures, the others by their names. */
import { t } from "../texts.js";
import { isPicture } from "../run/files.js";

const SHOWN = /^image\/(png|jpeg|gif|webp)$/;

/** `alt` says what the pictures show, where their names do not. */
export function Attached({ files, alt }) {
  return (
    <div className="tr-attached">
      {files.map((file, index) =>
        SHOWN.test(file.media_type) && isPicture(file.name) ? (
          <img key={index} src={`data:${file.media_type};base64,${file.data}`} alt={alt ?? file.name} title={alt ?? file.name} loading="lazy" decoding="async" data-testid="attachment" />
        ) : (
          <span key={index} className="tr-file" data-testid="attachment" title={t("transcript.attachment_kind", { kind: file.media_type })}>{file.name}</span>
        ),
      )}
    </div>
  );
}
