using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Tars.Evolution.Models;

namespace Tars.Host.Models;

/// <summary>One exchange over HTTP with a server that answers line by line.</summary>
/// <remarks>
/// Invariants:
///   I1  Whatever comes back, and whenever it ends, there is an answer, within a time and a size.
///   I2  An answer counts as said only when the server said that it is at its end.
/// </remarks>
/// <param name="told">Hears what a person should know who waits.</param>
internal sealed class ModelStream(
    HttpClient client, TimeSpan patience, Action<int>? progress, Action<string>? told = null)
{
    /// <summary>Reads one line; true when the answer is at its end.</summary>
    internal delegate bool LineReader(string line, StreamedAnswer answer);

    /// <param name="authorization">Of the header; null for none. It is in no record.</param>
    /// <param name="tokensMax">Of the answer; a server that says far more is not listened to any longer.</param>
    public ModelAnswer Ask(
        Uri address, string body, string? authorization, LineReader read, int tokensMax, CancellationToken stop)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limited.CancelAfter(patience);
        long began = Environment.TickCount64;
        while (true)
        {
            var answer = Once(address, body, authorization, read, tokensMax, out var pause, limited.Token, stop);
            if (pause is not { } wait)
            {
                return answer;
            }

            // The time of one answer is the time of all of it.
            if (patience <= TimeSpan.FromMilliseconds(Environment.TickCount64 - began) + wait)
            {
                return new ModelAnswer.Failed(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{((ModelAnswer.Failed)answer).Reason}; it says to ask again in {wait.TotalSeconds:0} s, and an "
                        + $"answer may take {patience.TotalSeconds:0} s"));
            }

            told?.Invoke(string.Create(
                CultureInfo.InvariantCulture, $"the model is busy, and is asked again in {wait.TotalSeconds:0} s"));
            if (limited.Token.WaitHandle.WaitOne(wait))
            {
                return new ModelAnswer.Failed(stop.IsCancellationRequested ? "stopped" : NoAnswer);
            }
        }
    }

    private string NoAnswer => $"no whole answer within {patience.TotalSeconds} s";

    // A pause where the server asks for one and has said nothing else.
    private ModelAnswer Once(
        Uri address,
        string body,
        string? authorization,
        LineReader read,
        int tokensMax,
        out TimeSpan? pause,
        CancellationToken limited,
        CancellationToken stop)
    {
        pause = null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            if (authorization is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {authorization}");
            }

            using var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, limited);
            using var stream = response.Content.ReadAsStream(limited);
            using var close = limited.Register(stream.Dispose); // A read that waits ends with it.
            pause = PauseOf(response);
            return response.IsSuccessStatusCode
                ? Read(stream, read, (long)tokensMax * Limits.ModelTokenCharactersMax, limited)
                : new ModelAnswer.Failed($"status {(int)response.StatusCode}: {Begin(stream)}");
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException
            || limited.IsCancellationRequested)
        {
            pause = null;
            return new ModelAnswer.Failed(stop.IsCancellationRequested ? "stopped" : NoAnswer);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException
            or InvalidOperationException)
        {
            return new ModelAnswer.Failed(e.InnerException?.Message ?? e.Message);
        }
    }

    private ModelAnswer Read(Stream stream, LineReader read, long charactersMax, CancellationToken stop)
    {
        var answer = new StreamedAnswer();
        using var lines = new BoundedLines(stream, Limits.ModelAnswerBytesMax);
        int told = 0;
        while (lines.Next() is { } line)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                if (read(line, answer))
                {
                    return answer.End();
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
                or FormatException or ArgumentException) // The last is of a member that stands twice.
            {
                return new ModelAnswer.Failed($"the server said what is no line of its protocol: {e.Message}");
            }

            if (answer.Error.Length != 0)
            {
                return new ModelAnswer.Failed(answer.Error);
            }

            if (charactersMax < answer.Length)
            {
                answer.Reason = "length";
                return answer.End();
            }

            if (told + Limits.ModelProgressCharacters <= answer.Length)
            {
                told = answer.Length;
                progress?.Invoke(told);
            }
        }

        stop.ThrowIfCancellationRequested(); // A stream that is closed while somebody reads may look like its end.
        return new ModelAnswer.Failed(lines.IsTooLong ? "the answer is too long" : "the answer broke off"); // I2
    }

    // Too many requests, and when to come again; at least a second, so that nobody asks and asks.
    private static TimeSpan? PauseOf(HttpResponseMessage response)
    {
        var wait = response.StatusCode != HttpStatusCode.TooManyRequests ? null
            : response.Headers.RetryAfter?.Delta ?? (response.Headers.RetryAfter?.Date - DateTimeOffset.UtcNow);
        return wait is { } asked ? TimeSpan.FromSeconds(Math.Clamp(asked.TotalSeconds, 1, int.MaxValue / 1_000)) : null;
    }

    private static string Begin(Stream stream)
    {
        byte[] octets = new byte[Limits.ModelErrorBytesShown];
        int size = stream.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(octets, 0, size).ReplaceLineEndings(" ");
    }

    /// <summary>Lines of a stream, up to so many octets of all of them.</summary>
    private sealed class BoundedLines(Stream stream, int octetsMax) : IDisposable
    {
        private readonly StreamReader _reader = new(stream, Encoding.UTF8);
        private readonly StringBuilder _line = new();
        private int _read;

        public bool IsTooLong => octetsMax <= _read;

        public void Dispose() => _reader.Dispose();

        public string? Next()
        {
            _line.Clear();
            while (!IsTooLong)
            {
                int next = _reader.Read();
                if (next < 0)
                {
                    return _line.Length == 0 ? null : _line.ToString();
                }

                _read++;
                if (next == '\n')
                {
                    return _line.ToString().TrimEnd('\r');
                }

                _line.Append((char)next);
            }

            return null;
        }
    }
}

/// <summary>What was said so far, and what the server said of it.</summary>
internal sealed class StreamedAnswer
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _refusal = new();

    public int Length => _text.Length;

    /// <summary>What went wrong on the other side; empty for nothing.</summary>
    public string Error { get; set; } = "";

    /// <summary>Why it ended, in the words of the protocol.</summary>
    public string Reason { get; set; } = "";

    public long PromptTokens { get; set; }

    public long AnswerTokens { get; set; }

    public void Add(string text) => _text.Append(text);

    public void Refuse(string text) => _refusal.Append(text);

    public ModelAnswer End() =>
        _refusal.Length != 0 ? new ModelAnswer.Refused(_refusal.ToString(), PromptTokens, AnswerTokens)
        : Reason == "content_filter" ? new ModelAnswer.Refused("its filter", PromptTokens, AnswerTokens)
        : new ModelAnswer.Said(_text.ToString(), Reason != "length", PromptTokens, AnswerTokens);
}
