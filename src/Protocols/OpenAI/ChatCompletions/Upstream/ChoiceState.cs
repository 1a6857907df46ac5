using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>What is remembered of one choice while its answer is read.</summary>
internal sealed class ChoiceState(long index, string generationId, bool keepsCalls = false)
{
    private StringBuilder? said;
    private PooledBuffer? content;
    private PooledBuffer? reasoning;

    /// <summary>The choice's number.</summary>
    public long Index { get; } = index;

    /// <summary>Its tool calls.</summary>
    public ToolCallTable Calls { get; } = new(generationId, keepsCalls);

    /// <summary>Takes reasoning out of content.</summary>
    public ThinkSplitter Think { get; } = new();

    /// <summary>Text of the current event that had to be rewritten: content.</summary>
    public PooledBuffer Content => content ??= new();

    /// <summary>Text of the current event that had to be rewritten: reasoning.</summary>
    public PooledBuffer Reasoning => reasoning ??= new();

    /// <summary>What <see cref="Content"/> holds.</summary>
    public ReadOnlySpan<byte> WrittenContent => content is null ? default : content.Written;

    /// <summary>What <see cref="Reasoning"/> holds.</summary>
    public ReadOnlySpan<byte> WrittenReasoning => reasoning is null ? default : reasoning.Written;

    /// <summary>The content so far, where plugins ask for it; see <see cref="Say"/>.</summary>
    public string Said => said?.ToString() ?? "";

    /// <summary>The finish that was written; later ones are dropped.</summary>
    public FinishReason Finish { get; set; }

    /// <summary>Text, reasoning, a call, an image, a refusal or audio came.</summary>
    public bool HasOutput { get; set; }

    /// <summary>The client was told, without its text, that the model reasons.</summary>
    public bool ReasoningAnnounced { get; set; }

    /// <summary>Keeps a piece of the content.</summary>
    public void Say(scoped in TextPiece piece)
    {
        if (!piece.IsEmpty)
            (said ??= new StringBuilder()).Append(piece.ToText());
    }

    /// <summary>Another event begins.</summary>
    public void ClearTexts()
    {
        content?.Clear();
        reasoning?.Clear();
    }

    public void Release()
    {
        content?.Release();
        reasoning?.Release();
        for (var number = 0; number < Calls.Count; number++)
            Calls[number].Kept?.Release();
    }
}
