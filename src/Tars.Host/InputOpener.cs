using System.Collections.Immutable;
using System.Globalization;
using Tars.Bundle.Schema;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using LinesDevice = Tars.Devices.Lines.Device;

namespace Tars.Host;

/// <summary>Finds out what each `--input` is for and opens it.</summary>
/// <param name="places">How far each was read before, in a run that goes on.</param>
internal sealed class InputOpener(
    SystemImage system,
    RunOptions options,
    Stream standardInput,
    ArrivalQueue filled,
    IReadOnlyDictionary<string, InputPlace> places)
{
    private const string StandardInput = "-";

    private readonly List<string> _reasons = [];
    private readonly List<string> _unread = [];

    public IReadOnlyList<string> Reasons => _reasons;

    public ImmutableArray<InputReader> Open()
    {
        var readers = ImmutableArray.CreateBuilder<InputReader>();
        RefuseTwice(options.Inputs.Select(input => input.Name), "given twice; one input takes one file");
        RefuseTwice(
            options.Inputs.Where(input => input.Path == StandardInput).Select(_ => "…=-"),
            "standard input can be read for one name only");
        foreach (var input in options.Inputs)
        {
            var devices = system.Devices.Where(one => IsNamed(one, input.Name)).ToList();
            var type = system.TypeOf(input.Name);
            if (devices is [var one] && options.Withheld.Contains(one.FullName))
            {
                _reasons.Add($"--input {input.Name}: the policy withholds it");
            }
            else if (devices.Count > 1)
            {
                _reasons.Add($"--input {input.Name}: several modules have such a device; write MODULE.{input.Name}");
            }
            else if (devices is [var device])
            {
                Add(readers, input, device.FullName, device.Id, json: null);
            }
            else if (type is not null && !SystemImage.IsChannel(input.Name))
            {
                _reasons.Add($"--input {input.Name}: not the name of one channel{Known()}");
            }
            else if (type is not null && !system.IsSubscribed(input.Name))
            {
                _reasons.Add($"--input {input.Name}: no module here takes messages of that channel{Known()}");
            }
            else if (type is not null)
            {
                Add(readers, input, input.Name, device: null, type is SchemaType.Text ? null : type);
            }
            else
            {
                _reasons.Add($"--input {input.Name}: no device of kind `lines` and no channel has that name{Known()}");
            }
        }

        return readers.ToImmutable();
    }

    /// <summary>Tells of devices that could give lines and were given none, by name.</summary>
    public void TellUnfed(ImmutableArray<InputReader> readers, TextWriter log)
    {
        foreach (var device in system.Devices.Where(IsLines))
        {
            bool isFed = readers.Any(reader => reader.Device == device.Id)
                || options.Inputs.Any(input => IsNamed(device, input.Name));
            if (!isFed)
            {
                log.WriteLine($"no --input {device.Name}=…, so {device.Name} stays silent");
            }
        }
    }

    /// <summary>Tells of what was added to inputs behind their end, which the system has been told already.</summary>
    public void TellUnread(TextWriter log) => _unread.ForEach(log.WriteLine);

    private void NoteUnread(InputSpec input, long octets)
    {
        try
        {
            long more = input.Path == StandardInput ? 0 : new FileInfo(input.Path).Length - octets;
            if (0 < more)
            {
                _unread.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{input.Name} has ended in this journal: {more} octets more in {input.Path} are not read"));
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            // What is not read any more need not be there.
        }
    }

    private void RefuseTwice(IEnumerable<string> names, string reason)
    {
        foreach (var twice in names.GroupBy(name => name).Where(same => same.Count() > 1))
        {
            _reasons.Add($"--input {twice.Key}: {reason}");
        }
    }

    private static bool IsNamed(DeviceImage device, string name) => IsLines(device) && device.IsCalled(name);

    private static bool IsLines(DeviceImage device) => device.IsDeclared && device.Kind.Name == LinesDevice.Kind;

    private string Known()
    {
        var names = system.Devices.Where(IsLines).Select(one => one.Name)
            .Concat(system.Modules.SelectMany(one => one.Manifest.Subscribes).Select(one => one.Pattern));
        string list = string.Join(", ", names);
        return list == "" ? "" : $"; there is {list}";
    }

    /// <param name="name">What the journal calls it, however the operator does.</param>
    private void Add(
        ImmutableArray<InputReader>.Builder readers, InputSpec input, string name, DeviceId? device, SchemaType? json)
    {
        // An older journal has the name that the operator wrote.
        var place = places.GetValueOrDefault(name, places.GetValueOrDefault(input.Name));
        if (place.IsOver)
        {
            NoteUnread(input, place.Octets); // Its end was taken before, and comes once.
            return;
        }

        try
        {
            var stream = input.Path == StandardInput
                ? standardInput
                : new FileStream(input.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            // What comes through a pipe goes on where it goes on.
            if (stream.CanSeek && stream.Length < place.Octets)
            {
                _reasons.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"--input {input.Name}: {input.Path} has {stream.Length} octets, and {place.Octets} of it were "
                    + $"read before: it was cut, or is another file; what a pipe brings is read from its beginning"));
            }
            else if (place.Sum is not null && !stream.CanSeek)
            {
                _reasons.Add($"--input {input.Name}: {input.Path} is a pipe, and a file was read before: give that");
            }
            else if (place.Sum is { } sum && InputSum.Of(stream, place.Octets) != sum)
            {
                _reasons.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"--input {input.Name}: {input.Path} is not what {place.Octets} octets were read of before: it was "
                    + $"changed, or is another file; what a pipe brings is read from its beginning"));
            }

            long begin = stream.CanSeek ? stream.Seek(place.Octets, SeekOrigin.Begin) : 0;
            readers.Add(new InputReader(input.Name, stream, device, json, filled, begin)
            {
                Place = name,
                IsKept = options.Journal is not null || options.JournalDisk is not null,
            });
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            _reasons.Add($"--input {input.Name}: {broken.Message}");
        }
    }
}
