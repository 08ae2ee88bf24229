using Tars.Devices.Wasi.Files;

namespace Tars.Devices.Wasi;

/// <summary>What one number of a command's table of open files stands for.</summary>
/// <param name="granted">The name under which a folder was granted; null for what the command opened itself.</param>
internal sealed class FdEntry(OpenFile file, Rights rights, Rights inheriting, byte[]? granted = null)
{
    /// <summary>Stands where nothing is open, without any right.</summary>
    public static FdEntry Closed { get; } = new(new StreamFile(Stream.Null), Rights.None, Rights.None);

    public OpenFile File { get; } = file;

    public byte[]? Granted { get; } = granted;

    /// <summary>What may be done with it. It only shrinks.</summary>
    public Rights Rights { get; private set; } = rights;

    /// <summary>What may be done with what is opened through it. It only shrinks.</summary>
    public Rights Inheriting { get; private set; } = inheriting;

    public FdFlags Flags { get; set; }

    /// <summary>The names of a folder as they were when its listing began, until it was read to its end.</summary>
    public IReadOnlyList<FolderEntry>? Listing { get; private set; }

    /// <summary>What it takes while it is read.</summary>
    public long ListingOctets { get; private set; }

    /// <summary>Keeps a listing, or none.</summary>
    public void Keep(IReadOnlyList<FolderEntry>? listing)
    {
        Listing = listing;
        ListingOctets = OctetsOf(listing ?? []);
    }

    public static long OctetsOf(IReadOnlyList<FolderEntry> listing) =>
        listing.Sum(one => (long)Limits.ListedEntryOctets + one.Name.Length);

    /// <summary>False, and nothing changes, when it would gain something.</summary>
    public bool TryNarrow(Rights rights, Rights inheriting)
    {
        bool isNarrower = (rights & ~Rights) == Rights.None && (inheriting & ~Inheriting) == Rights.None;
        if (isNarrower)
        {
            Rights = rights;
            Inheriting = inheriting;
        }

        return isNarrower;
    }
}
