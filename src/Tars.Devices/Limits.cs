namespace Tars.Devices;

/// <summary>Every bound of the devices that is not part of one device's protocol.</summary>
internal static class Limits
{
    /// <summary>Files and folders that one WASI command has open at a time.</summary>
    public const int FdCountMax = 1_024;

    /// <summary>Octets of one WASI path.</summary>
    public const int PathBytesMax = 4_096;

    /// <summary>Octets of one name in a path.</summary>
    public const int NameBytesMax = 255;

    /// <summary>Folders that a path leads into at a time; each is open while it is walked.</summary>
    public const int PathDepthMax = 256;

    /// <summary>Symbolic links that one path may lead through.</summary>
    public const int LinkCountMax = 32;

    /// <summary>Buffers of one scattered read or write.</summary>
    public const int BufferCountMax = 1_024;

    /// <summary>Octets that one read or write moves; a longer one is cut, which every caller must expect.</summary>
    public const int TransferBytesMax = 1 << 24;

    /// <summary>Entries of a folder that can be listed.</summary>
    public const int FolderEntryCountMax = 1_000_000;

    /// <summary>Subscriptions of one <c>poll_oneoff</c>.</summary>
    public const int SubscriptionCountMax = 1_024;

    /// <summary>Octets of all arguments, or of the whole environment.</summary>
    public const int StringsBytesMax = 1 << 20;

    /// <summary>Octets of all files of a folder in memory.</summary>
    public const long SimulatedOctetsMax = 1 << 26;

    /// <summary>Files and folders of a folder in memory.</summary>
    public const int SimulatedNodeCountMax = 100_000;

    /// <summary>By which each reading moves a virtual clock, so that waiting by looking at it ends.</summary>
    public const long ClockReadNanoseconds = 1_000;

    /// <summary>Octets of one key of a store.</summary>
    public const int StoreKeyBytesMax = 1_024;

    /// <summary>Octets of one value of a store.</summary>
    public const int StoreValueBytesMax = 1 << 20;

    /// <summary>Values in one store.</summary>
    public const int StoreKeysMax = 100_000;

    /// <summary>Sectors of a simulated block device.</summary>
    public const int BlockSectorsMax = 1 << 17;

    /// <summary>Processes in one answer of an `introspect` device.</summary>
    public const int IntrospectRowsMax = 1_000;

    /// <summary>Octets of one answer over HTTP.</summary>
    public const int FetchBytesMax = 1 << 20;

    /// <summary>How long one fetch may take, whatever its asker waits.</summary>
    public const int FetchMillisecondsMax = 30_000;
}
