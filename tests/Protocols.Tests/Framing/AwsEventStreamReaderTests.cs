using System.Buffers.Binary;
using Amazon.Runtime.EventStreams;
using Fairlead.Protocols.Framing;
using static Fairlead.Protocols.Tests.Framing.AwsMessages;

namespace Fairlead.Protocols.Tests.Framing;

/// <summary>Messages are made by the vendor's own library.</summary>
public sealed class AwsEventStreamReaderTests
{
    [Fact]
    public void Messages_ComeOutWhateverTheCuts()
    {
        byte[] stream = [.. Event("messageStart", "{\"role\":\"assistant\"}"), .. Event("contentBlockDelta", "{\"text\":\"☃\"}"), .. Failure("throttlingException", "{\"message\":\"slow\"}")];
        for (var size = 1; size <= stream.Length; size++)
        {
            Assert.Equal(
                ["messageStart|{\"role\":\"assistant\"}", "contentBlockDelta|{\"text\":\"☃\"}", "throttlingException|{\"message\":\"slow\"}"],
                Frames.Read(new AwsEventStreamReader(), stream, size));
        }
    }

    [Fact]
    public void HeadersOfEveryType_ArePassedOver()
    {
        List<IEventStreamHeader> headers =
        [
            Header("a", h => h.SetBool(true)), Header("b", h => h.SetBool(false)), Header("d", h => h.SetInt16(-3)),
            Header("e", h => h.SetInt32(70_000)), Header("f", h => h.SetInt64(1L << 40)), Header("g", h => h.SetByteBuf([1, 2, 3])),
            Header("h", h => h.SetTimestamp(DateTime.UnixEpoch)), Header("i", h => h.SetUUID(Guid.NewGuid())),
            Header(":message-type", h => h.SetString("event")), Header(":event-type", h => h.SetString("chunk")),
        ];
        var message = new EventStreamMessage(headers, "{}"u8.ToArray()).ToByteArray();

        Assert.Equal(["chunk|{}"], Frames.Read(new AwsEventStreamReader(), message, message.Length));
    }

    [Fact]
    public void UnmodelledError_HasItsCodeAsData()
    {
        var message = new EventStreamMessage([Header(":message-type", h => h.SetString("error")), Header(":error-code", h => h.SetString("InternalFailure"))], []).ToByteArray();

        Assert.Equal(["error|InternalFailure"], Frames.Read(new AwsEventStreamReader(), message, message.Length));
    }

    [Fact]
    public void AnyChangedBit_BreaksTheStreamAndYieldsNothingOfItsMessage()
    {
        var good = Event("a", "{\"n\":1}");
        var other = Event("b", "{\"n\":2}");
        for (var bit = 0; bit < other.Length * 8; bit++)
        {
            var changed = (byte[])other.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            var reader = new AwsEventStreamReader();

            Assert.Equal(["a|{\"n\":1}"], Frames.Read(reader, (byte[])[.. good, .. changed], 7));
            Assert.True(reader.Broken || reader.TooLarge, $"bit {bit}");
        }
    }

    [Fact]
    public void BodyThatEndsWithinAMessage_IsBroken()
    {
        var message = Event("a", "{}");
        for (var length = 1; length < message.Length; length++)
        {
            var reader = new AwsEventStreamReader();
            Assert.Empty(Frames.Read(reader, message.AsSpan(0, length), 5));
            Assert.True(reader.Broken, $"{length} bytes");
        }
    }

    [Fact]
    public void MessageBeyondTheLimit_IsRefusedBeforeItIsHeld()
    {
        var prelude = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(prelude, 100_000_000);
        BinaryPrimitives.WriteUInt32BigEndian(prelude.AsSpan(8), Checksum(prelude.AsSpan(0, 8)));
        var reader = new AwsEventStreamReader();

        Assert.Empty(Frames.Read(reader, prelude, 12));
        Assert.True(reader.TooLarge);
    }

    // Bit by bit, as the standard defines it.
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return ~crc;
    }
}
