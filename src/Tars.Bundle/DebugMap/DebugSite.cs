using Tars.Base;

namespace Tars.Bundle.DebugMap;

/// <summary>
/// A stretch of a source. Lines and columns are counted from one; the end is the first position behind it.
/// </summary>
/// <param name="File">Index into <see cref="DebugInfo.Files"/>.</param>
public readonly record struct DebugSite(int File, LinePosition Start, LinePosition End);
