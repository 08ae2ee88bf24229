namespace Tars.Host.Evolving;

/// <summary>The folder that a run of evolution writes into; one run at a time has it.</summary>
public sealed class RunFolder : IDisposable
{
    // It stays when the run is over: taking it away could give one folder to two runs.
    private const string Lock = "lock";

    private readonly FileStream _held;

    private RunFolder(string path, FileStream held)
    {
        Path = path;
        _held = held;
    }

    public string Path { get; }

    /// <summary>Makes the folder when it is not there.</summary>
    /// <returns>Null, with why.</returns>
    public static RunFolder? Open(string path, out string why)
    {
        why = "";
        try
        {
            Directory.CreateDirectory(path);
            return new RunFolder(path, new FileStream(
                System.IO.Path.Combine(path, Lock), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = File.Exists(path) ? "it is a file, and a run wants a folder"
                : e is UnauthorizedAccessException ? "no right to use it"
                : Directory.Exists(path) ? "another run writes into it; -o names another folder"
                : "the folder cannot be made";
            return null;
        }
    }

    public void Dispose() => _held.Dispose();
}
