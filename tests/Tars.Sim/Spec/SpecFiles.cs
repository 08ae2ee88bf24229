using System.IO.Compression;

namespace Tars.Sim.Spec;

/// <summary>The files that wast2json made of the suite, in a folder or in a zip archive, read by name.</summary>
public sealed class SpecFiles : IDisposable
{
    private readonly string _folder;
    private readonly ZipArchive? _archive;

    private SpecFiles(string folder, ZipArchive? archive)
    {
        _folder = folder;
        _archive = archive;
    }

    /// <summary>The scripts' names without their ending, in ordinal order.</summary>
    public IReadOnlyList<string> Scripts
    {
        get
        {
            var names = _archive?.Entries.Select(entry => entry.FullName)
                ?? Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path));
            return
            [
                .. names.Where(name => name.EndsWith(".json", StringComparison.Ordinal))
                    .Select(name => name[..^".json".Length])
                    .Order(StringComparer.Ordinal),
            ];
        }
    }

    /// <summary>Null when there is no such folder or archive, or no script in it.</summary>
    public static SpecFiles? Open(string path)
    {
        SpecFiles? files = null;
        if (Directory.Exists(path))
        {
            files = new SpecFiles(path, archive: null);
            // A folder that only holds the archive stands for it.
            if (files.Scripts.Count == 0 && Directory.GetFiles(path, "*.zip") is [var only])
            {
                path = only;
            }
        }

        if (File.Exists(path))
        {
            try
            {
                files = new SpecFiles("", ZipFile.OpenRead(path));
            }
            catch (InvalidDataException)
            {
                return null;
            }
        }

        if (files is null or { Scripts.Count: 0 })
        {
            files?.Dispose();
            return null;
        }

        return files;
    }

    public byte[] Read(string name)
    {
        if (_archive is null)
        {
            return File.ReadAllBytes(Path.Combine(_folder, name));
        }

        using var stream = _archive.GetEntry(name)!.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    public void Dispose() => _archive?.Dispose();
}
