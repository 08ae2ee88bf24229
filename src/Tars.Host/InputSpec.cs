namespace Tars.Host;

/// <summary>What `--input NAME=PATH` says: where the lines of a device or the messages of a channel come
/// from.</summary>
/// <param name="Name">A device of kind `lines`, or a channel; `MODULE.NAME` names the device of one module.</param>
/// <param name="Path">A file, or `-` for the standard input.</param>
public sealed record InputSpec(string Name, string Path);
