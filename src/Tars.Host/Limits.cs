namespace Tars.Host;

/// <summary>Every bound that the host gives to what runs, unless someone says otherwise.</summary>
internal static class Limits
{
    /// <summary>How long a handler may go on once the run is to end.</summary>
    public const int HandlerGraceMilliseconds = 1_000;

    /// <summary>How long all stop handlers together may take.</summary>
    public const int StopGraceMilliseconds = 5_000;

    /// <summary>How old output may get that nobody has been shown.</summary>
    public const int FlushEveryMilliseconds = 100;

    /// <summary>Octets that one shard prints before they are handed on though it goes on running.</summary>
    public const int OutputHeldMax = 64 << 10;

    /// <summary>Fetches of one device that go on at a time.</summary>
    public const int FetchThreadsMax = 4;

    /// <summary>Events of one device that are not taken yet.</summary>
    public const int EventsWaitingMax = 64;

    /// <summary>Connections that one device makes at a time.</summary>
    public const int ConnectThreadsMax = 4;

    /// <summary>How long requests that wait at the end of a run may be answered.</summary>
    public const int ServeGraceMilliseconds = 3_000;

    /// <summary>How often it is looked, at the end, whether all are answered.</summary>
    public const int ServeLookMilliseconds = 10;

    /// <summary>Acts of an audit that are told; of what comes behind them it is told how many.</summary>
    public const int AuditedActsMax = 10_000;

    /// <summary>Processes that have ended and whose names an audit still knows.</summary>
    public const int AuditedEndedMax = 10_000;

    /// <summary>Different refusals that are counted by their words.</summary>
    public const int RefusalsToldMax = 1_000;

    /// <summary>What a command may burn when nobody says how much: practically without end.</summary>
    public const long CommandFuelMax = long.MaxValue / 4;

    /// <summary>Linear memory of a command when nobody says how much.</summary>
    public const long CommandMemoryBytesMax = 1L << 30;

    /// <summary>How long `auto` lets a run go on before it begins to compile for the better engine.</summary>
    public const int TierDelayMilliseconds = 200;

    public const int CommandDepthSlotsMax = 1 << 20;

    public const int CommandTableElementsMax = 1_000_000;

    /// <summary>Machine stack of the thread that a command runs on, so that the engine needs no other.</summary>
    public const int CommandStackBytesMax = 48 << 20;

    /// <summary>How often a command whose time is over is told to end before it is left behind.</summary>
    public const int AbortCountMax = 100;

    /// <summary>How long it is waited for each time; it may be inside a call that waits itself.</summary>
    public const int AbortMilliseconds = 20;

    /// <summary>Octets of records that are handed to the thread that writes them.</summary>
    public const int JournalBlockBytes = 256 << 10;

    /// <summary>Such blocks that may wait for the disk.</summary>
    public const int JournalBlocksMax = 8;

    /// <summary>Nanoseconds between two looks at whether a module is better off on another shard.</summary>
    public const long PlacementEvery = 1_000_000_000;

    /// <summary>Octets of a segment of a durable journal, after which a checkpoint begins the next.</summary>
    public const long JournalSegmentOctets = 64 << 20;

    /// <summary>The same where no checkpoint can be taken. A start reads a segment whole, into an array of at most
    /// 2 GiB; what comes until that is noticed has to fit too.</summary>
    public const long JournalSegmentOctetsMax = 1_536L << 20;

    /// <summary>Octets of segments that nobody needs any more and that are kept to be looked at.</summary>
    public const long JournalOctetsKept = 256 << 20;

    /// <summary>Octets of a checkpoint; of a system that holds more none is taken.</summary>
    public const int JournalCheckpointOctetsMax = 256 << 20;

    /// <summary>Events between two looks at the state of all processes.</summary>
    public const int JournalPointEvents = 64;

    /// <summary>Octets of state that may be looked at for each event, over a long time.</summary>
    public const int JournalOctetsPerEvent = 16 << 10;

    /// <summary>Octets that are read of a file of grants; its reader says when they are too many.</summary>
    public const int PolicyBytesMax = 1 << 20;

    /// <summary>What a start function may burn on the oracle; it runs before anyone can be asked.</summary>
    public const long OracleStartFuelMax = 1_000_000_000;

    /// <summary>Octets of an input before the place where it is read on, by which its file is known again.</summary>
    public const int InputSumBytes = 4 << 10;

    /// <summary>Octets of one line of an operator, its end included.</summary>
    public const int ControlLineBytesMax = 64 << 10;

    /// <summary>Connections of operators to one run at a time.</summary>
    public const int ControlClientsMax = 16;

    /// <summary>Octets of a bundle that an operator hands over.</summary>
    public const int ControlBundleBytesMax = 64 << 20;

    /// <summary>Rows of one answer; who wants more asks for those behind the last.</summary>
    public const int ControlRowsMax = 1_000;

    /// <summary>How long a connection may be silent, or leave an answer unread.</summary>
    public const int ControlSilenceMilliseconds = 60_000;

    /// <summary>How long a run goes on before it opens a socket that nobody has named.</summary>
    public const int ControlDelayMilliseconds = 200;

    /// <summary>How long a run that has ended waits for its last answers to go out.</summary>
    public const int ControlDrainMilliseconds = 500;

    /// <summary>How long a request waits for a run that is still being recovered.</summary>
    public const int ControlBeginMilliseconds = 5_000;

    /// <summary>Names in the folder of all runs that are looked at for what killed runs have left.</summary>
    public const int ControlSweepMax = 1_000;

    /// <summary>How long no operator is accepted after an accept that failed.</summary>
    public const int ControlPauseMilliseconds = 100;

    /// <summary>So many times as long as a request took the run has for itself afterwards.</summary>
    public const int ControlRestFactor = 19;

    /// <summary>Events after which what is kept of a run in memory begins with a newer state.</summary>
    public const int RecentEvents = 1_024;

    /// <summary>Octets of records after which it does.</summary>
    public const int RecentOctets = 4 << 20;

    /// <summary>Octets of records beyond which nothing is kept, where no newer state could be taken.</summary>
    public const int RecentOctetsMax = 32 << 20;

    /// <summary>Octets of such a state.</summary>
    public const int RecentCheckpointOctetsMax = 16 << 20;

    /// <summary>Memory of all guests up to which such states are taken.</summary>
    public const long RecentMemoryMax = 256 << 20;

    /// <summary>Processes up to which they are.</summary>
    public const int RecentProcessesMax = 4_096;

    /// <summary>So many times as long as one took, none is taken afterwards.</summary>
    public const int RecentRestFactor = 50;

    /// <summary>How long a run waits after one that could not be taken.</summary>
    public const int RecentTryMilliseconds = 20;

    /// <summary>How long the newest events of a run are waited for.</summary>
    public const int RecentAnswerMilliseconds = 5_000;

    /// <summary>How long a trial before a swap may take.</summary>
    public const int TrialMilliseconds = 10_000;

    /// <summary>Time between two requests to end a test that goes on after a stop was asked for.</summary>
    public const int AbortAgainMilliseconds = 20;

    /// <summary>How long the last checks of a version may go on after a stop was asked for.</summary>
    public const int StoppedChecksMilliseconds = 10_000;

    /// <summary>Links that are followed to find out what a path means.</summary>
    public const int LinksMax = 32;

    /// <summary>Octets of one file of scores; beyond that a search remembers no more.</summary>
    public const long ScoreFileBytesMax = 256 << 20;

    /// <summary>Files of scores in one folder; the oldest goes when there is one more.</summary>
    public const int ScoreFilesMax = 32;

    /// <summary>Characters of all that a model's server says to one question.</summary>
    public const int ModelAnswerBytesMax = 8 << 20;

    /// <summary>Octets that are shown of a server's complaint.</summary>
    public const int ModelErrorBytesShown = 300;

    /// <summary>Characters of an answer between two reports of progress.</summary>
    public const int ModelProgressCharacters = 200;

    /// <summary>Characters that a token of an answer may stand for; a server that says more ignores its bound.
    /// </summary>
    public const int ModelTokenCharactersMax = 16;

    /// <summary>How long a model's server may take to be there.</summary>
    public const int ModelConnectSeconds = 10;
}
