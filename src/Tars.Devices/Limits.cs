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

    /// <summary>Octets of all listings that one command reads at a time, each entry with what stands around
    /// it.</summary>
    public const long ListedOctetsMax = 1 << 26;

    /// <summary>What stands around the name of an entry in a listing.</summary>
    public const int ListedEntryOctets = 64;

    /// <summary>Subscriptions of one <c>poll_oneoff</c>.</summary>
    public const int SubscriptionCountMax = 1_024;

    /// <summary>Octets of all arguments, or of the whole environment.</summary>
    public const int StringsBytesMax = 1 << 20;

    /// <summary>Octets of all files of a folder in memory, and of their names.</summary>
    public const long SimulatedOctetsMax = 1 << 26;

    /// <summary>What a name of a folder in memory takes beside its characters.</summary>
    public const int SimulatedNameOctets = 128;

    /// <summary>Files and folders of a folder in memory.</summary>
    public const int SimulatedNodeCountMax = 100_000;

    /// <summary>By which each reading moves a virtual clock, so that waiting by looking at it ends.</summary>
    public const long ClockReadNanoseconds = 1_000;

    /// <summary>Octets of one key of a store.</summary>
    public const int StoreKeyBytesMax = 1_024;

    /// <summary>Octets of one value of a store.</summary>
    public const int StoreValueBytesMax = 1 << 20;

    /// <summary>Changes of one value that are known again when they come again after a crash.</summary>
    public const int StoreMarksMax = 8;

    /// <summary>Deleted values of which a store knows who deleted them: the newest.</summary>
    public const int StoreGoneMax = 1_024;

    /// <summary>Octets of them, with what stands around key and value in a file.</summary>
    public const int StoreMarkBytesMax = 1_024;

    /// <summary>Values in one store.</summary>
    public const int StoreKeysMax = 100_000;

    /// <summary>Sectors of a simulated block device.</summary>
    public const int BlockSectorsMax = 1 << 17;

    /// <summary>Processes in one answer of an `introspect` device.</summary>
    public const int IntrospectRowsMax = 1_000;

    /// <summary>Octets that one read or write of a block device moves.</summary>
    public const int BlockTransferBytesMax = 1 << 20;

    /// <summary>Octets that one read of a file in a directory moves.</summary>
    public const int DirectoryTransferBytesMax = 1 << 20;

    /// <summary>Entries of a folder that can be listed by a guest.</summary>
    public const int DirectoryEntriesMax = 10_000;

    /// <summary>Nanoseconds after which no write of a file is still going on.</summary>
    public const long DirectoryWriteNanosecondsMax = 3_600_000_000_000;

    /// <summary>Folders of one directory that are known to be swept; beyond them they are swept again.</summary>
    public const int DirectoryFoldersSweptMax = 10_000;

    /// <summary>Octets that a random device gives at a time.</summary>
    public const int RandomBytesMax = 64 << 10;

    /// <summary>Octets of one answer over HTTP.</summary>
    public const int FetchBytesMax = 1 << 20;

    /// <summary>How long one fetch may take, whatever its asker waits.</summary>
    public const int FetchMillisecondsMax = 30_000;

    /// <summary>Connections that one device of sockets has at a time.</summary>
    public const int SocketConnectionsMax = 1_024;

    /// <summary>Octets that wait to be sent on one connection.</summary>
    public const int SocketQueueBytesMax = 1 << 20;

    /// <summary>Octets of one event of a connection.</summary>
    public const int SocketReadBytes = 16 << 10;

    public const int SocketConnectMillisecondsMax = 10_000;

    /// <summary>How long what waits is still sent once the other side says no more.</summary>
    public const int SocketLingerMillisecondsMax = 5_000;

    /// <summary>How long all connections have at the end of a run to take what was sent before.</summary>
    public const int SocketCloseMillisecondsMax = 1_000;

    /// <summary>How long nothing is accepted after an accept that failed.</summary>
    public const int SocketPauseMilliseconds = 10;

    /// <summary>Octets of one datagram: what IPv4 carries at most.</summary>
    public const int DatagramBytesMax = 65_507;

    /// <summary>Senders of datagrams that can be answered.</summary>
    public const int DatagramPeersMax = 1_024;

    /// <summary>Connections of clients that a server has at a time.</summary>
    public const int ServeConnectionsMax = 4_096;

    /// <summary>Requests that wait for their answers at a time; more are told to come later.</summary>
    public const int ServeRequestsMax = 1_024;

    /// <summary>Octets of one body.</summary>
    public const int ServeBodyBytesMax = 1 << 20;

    /// <summary>Octets of the bodies of all requests that wait.</summary>
    public const long ServeHeldBytesMax = 256L << 20;

    /// <summary>Octets that are read of a body at a time.</summary>
    public const int ServeReadBytes = 16 << 10;

    /// <summary>Octets of all headers of one request.</summary>
    public const int ServeHeaderBytesMax = 32 << 10;

    public const int ServeHeaderCountMax = 100;

    /// <summary>How long a client may take for the head of a request.</summary>
    public const int ServeHeaderMillisecondsMax = 10_000;

    /// <summary>How long a connection may be open without a request.</summary>
    public const int ServeIdleMillisecondsMax = 60_000;

    /// <summary>Slower than this, after the time below, a body or an answer is cut off.</summary>
    public const int ServeOctetsPerSecondMin = 240;

    public const int ServeSlowMillisecondsMax = 5_000;

    /// <summary>How long a request may wait for its answer before its client is told to come later.</summary>
    public const int ServeAnswerMillisecondsMax = 30_000;

    /// <summary>How long clients have to take answers that were given before the end of the run.</summary>
    public const int ServeCloseMillisecondsMax = 1_000;
}
