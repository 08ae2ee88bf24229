using Tars.Evolution.Models;

namespace Tars.Host.Models;

/// <summary>The models that a user can name: `ollama:NAME`, `openai:NAME`, `replay:FILE`.</summary>
public sealed class ModelSource : IDisposable
{
    private const string OllamaServer = "http://127.0.0.1:11434/";
    private const string OpenAiServer = "https://api.openai.com/v1/";

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, // What is told to one server goes to no other.
        ConnectTimeout = TimeSpan.FromSeconds(Limits.ModelConnectSeconds),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // Each exchange has its own.
    };

    public void Dispose() => _client.Dispose();

    /// <summary>The model that somebody named, or null with why there is none.</summary>
    /// <param name="named">As on the command line.</param>
    /// <param name="server">Where it is; null for where such a server usually is.</param>
    /// <param name="key">For servers that want one.</param>
    /// <param name="record">The file that every exchange is added to.</param>
    /// <param name="progress">Hears how many characters were said.</param>
    /// <param name="told">Hears what a person should know who waits.</param>
    public IModel? Open(
        string named,
        string? server,
        string? key,
        string record,
        TimeSpan patience,
        Action<int>? progress,
        Action<string>? told,
        out string why)
    {
        why = "";
        string[] parts = named.Split(':', 2);
        if (parts is not [var kind, { Length: > 0 } name])
        {
            why = "a model is ollama:NAME, openai:NAME or replay:FILE";
            return null;
        }

        if (kind == "replay")
        {
            return Replay(name, out why) is { } replay
                ? Path.GetFullPath(name) == Path.GetFullPath(record) ? replay : Recorded(replay, record, out why)
                : null;
        }

        string place = server ?? (kind == "ollama" ? OllamaServer : OpenAiServer);
        if (!Uri.TryCreate(place.EndsWith('/') ? place : place + "/", UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https"))
        {
            why = "the address of a model begins with http:// or https://";
            return null;
        }

        var stream = new ModelStream(_client, patience, progress, told);
        IModel? model = kind switch
        {
            "ollama" => new OllamaModel(stream, address, name),
            "openai" => new OpenAiModel(stream, address, name, key),
            _ => null,
        };
        why = model is null ? $"there is no kind of model {kind}: ollama, openai, replay" : "";
        return model is null ? null : Recorded(model, record, out why);
    }

    // The exchanges of an earlier run are no part of this one.
    private static RecordingModel? Recorded(IModel model, string record, out string why)
    {
        try
        {
            why = "";
            Directory.CreateDirectory(Path.GetDirectoryName(record)!); // It is the path of a file in a folder.
            File.WriteAllText(record, "");
            return new RecordingModel(model, record);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = "what is said cannot be kept: the folder of the run may not be used, or another run has it";
            return null;
        }
    }

    private static RecordedModel? Replay(string file, out string why)
    {
        try
        {
            why = "";
            return new RecordedModel(File.ReadAllLines(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = File.Exists(file) ? "what was said cannot be read: no right to use the file"
                : "what was said cannot be read: there is no such file";
            return null;
        }
    }
}
