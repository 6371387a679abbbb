# SPDX-License-Identifier: BSD-2-Clause
#
# Three tables - components, flavours, programs - and four rules: compile C, assemble, archive,
# link.  `make help` lists what can be asked for.  Everything made lies under $(B).

B ?= build
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.DELETE_ON_ERROR:
.SUFFIXES:
# make V=1 shows the commands.
Q := $(if $(V),,@)
all: $(B)/twofold $(B)/hyp.elf $(B)/hyp.img $(B)/small.img

# ---- Components: folders, and whose headers each may include (tools/layers proves it) --------

layer.include :=
layer.arch := include
layer.abi := include
layer.lib := include
layer.mm := include
layer.s2 := include arch
layer.fdt := include lib
layer.hyp := include arch lib mm s2 fdt abi
layer.guest := include arch lib mm fdt abi
layer.tools := include arch lib s2 fdt
layer.tests/model := include
layer.tests := include arch abi lib mm s2 fdt hyp guest tests/model
layers := include arch abi lib mm s2 fdt hyp guest tools tests/model tests

sources = $(sort $(foreach d,$(1),$(wildcard $(d)/*.c $(d)/*.S)))

src.arch := $(call sources,arch)
src.lib := $(call sources,lib)
# The string functions and the stack protector are the C library's on the host.
src.lib_host := $(filter-out lib/str.c lib/ssp.c,$(src.lib))
src.mm := $(call sources,mm)
src.s2 := $(call sources,s2)
src.fdt := $(call sources,fdt)
src.hyp := $(call sources,hyp/boot hyp/mem hyp/vm hyp/dev hyp/console)
virtio := $(addprefix hyp/dev/,virtio.c virtqueue.c vdisk.c vblk.c vrng.c)
# Sources of the hypervisor that touch no hardware: linked with the tests as well.
src.hyp_pure := $(addprefix hyp/console/,display.c parse.c runs.c walk1.c walk2.c) \
	$(virtio) hyp/dev/spool.c hyp/dev/vgic.c hyp/dev/vgic_regs.c hyp/dev/vrtc.c hyp/mem/regions.c \
	$(addprefix hyp/vm/,abort.c mmio.c config.c feature.c runq.c call.c psci.c skip.c trng.c \
	sysreg_table.c workaround.c)
src.guest := $(call sources,guest/boot guest/vm guest/kernel guest/dev)
src.tools := $(call sources,tools/twofold)
src.model := $(call sources,tests/model)
src.harness.host := $(addprefix tests/harness/,tap.c host.c mm_port_host.c mm_world.c objects.c \
	single_step.c machine_host.c s2_ref.c s2_args.c s2_ops.c s2_ops_fault.c s2_ops_hint.c s2_ops_log.c s2_steps.c model_vm.c)
src.harness.el2 := $(addprefix tests/harness/,tap.c el2.c el2_alone.c mm_port_el2.c mm_world.c objects.c machine_el2.c)
# Benchmarks: what both machines share, and what each adds.
src.bench := $(addprefix tests/bench/,bench.c families.c arena.c s2_rows.c s2_vm.c s2_limits.c \
	mm_driver.c mm_memory.c page_rows.c object_rows.c)
src.bench.host := tests/bench/host.c tests/bench/counts_host.c tests/harness/mm_port_host.c
src.bench.el2 := tests/bench/el2.c tests/harness/tap.c tests/harness/el2.c tests/harness/el2_alone.c \
	tests/harness/mm_port_el2.c

# What does nothing but move system registers, which tests on the host have in memory.
src.regs := $(addprefix hyp/,boot/percpu.c $(addprefix dev/,gic.c timer.c vgic_cpu.c vgic_icc.c vtimer.c) \
	$(addprefix vm/,context.c debug.c ident.c inject.c pmu.c sched.c smp.c sysreg.c world.c)) \
	$(call sources,tests/harness/regs)

# Of the small guest, what needs no machine.
src.guest_pure := guest/vm/s1.c guest/vm/s1_check.c

# What a test image at EL2 takes of the hypervisor: all but its main program.
src.hyp_base := $(filter-out hyp/boot/main.c hyp/boot/check.c hyp/dev/vuart.c hyp/dev/vrtc.c hyp/dev/vgic%.c hyp/dev/vtimer.c $(virtio), \
		$(call sources,hyp/boot hyp/dev)) \
	$(filter hyp/mem/el2_map.c hyp/mem/s2_empty_root.c,$(call sources,hyp/mem))

# ---- Flavours: how to compile ---------------------------------------------------------------

HOSTCC := gcc
CROSS := aarch64-linux-gnu-
GCCINC = $(shell $(CROSS)gcc -print-file-name=include)
DEPS := $(B)/deps
LIBFDT := $(DEPS)/libfdt

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Wundef \
	-Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
common := -std=c11 -g -I. $(warnings)
freestanding = -ffreestanding -nostdinc -isystem $(GCCINC) -mgeneral-regs-only -mstrict-align \
	-mno-outline-atomics -fno-stack-protector -fno-tree-loop-distribute-patterns -fno-common \
	-fvisibility=hidden -ffunction-sections -fdata-sections -Ifdt/shim -isystem $(LIBFDT)/usr/include

# tool: the host command.  test: libraries and tests on the host, observed by the model.  lives: the
# lives of VMs on the host.
# fuzz: libraries under libFuzzer.  el2: the hypervisor.  el1: the small guest.
# fast: the tests' libraries without sanitizers, for the long runs.
# raw: test guests without an image header.  bench: libraries as they ship, on the host, timed.
# regs: the hypervisor's sources on registers in memory.
# fast: tests without sanitizers, for many steps.  tsan: with ThreadSanitizer.  checked: with mm/'s
# checks.  cover: with gcov.  plain, fuzz_plain: s2/ as it ships, unobserved, for what fast and
# fuzz do.
flavours := tool test regs lives fast plain tsan checked cover fuzz fuzz_plain bench el2 observed el1 raw
cc.tool := $(HOSTCC)
cc.test := $(HOSTCC)
cc.regs := $(HOSTCC)
cc.lives := $(HOSTCC)
cc.fast := $(HOSTCC)
cc.plain := $(HOSTCC)
cc.tsan := $(HOSTCC)
cc.checked := $(HOSTCC)
cc.cover := $(HOSTCC)
cc.fuzz := clang
cc.fuzz_plain := clang
cc.bench := $(HOSTCC)
cc.el2 := $(CROSS)gcc
cc.observed := $(CROSS)gcc
cc.el1 := $(CROSS)gcc
cc.raw := $(CROSS)gcc
flags.tool := $(common) -O2 -D_GNU_SOURCE
flags.test := $(common) -O1 -D_GNU_SOURCE -Itests/model/port -Itests/harness/port -Imm/plain \
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# Its arch/insn.h is found before the tree's; its sched_yield() is nobody else's.
flags.regs = -Itests/harness/regs/port $(flags.test) -fvisibility=hidden
flags.lives := -Itests/lives/port $(common) -O1 -D_GNU_SOURCE -Ihyp/mem/port -Imm/plain -ffunction-sections \
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
host_test := $(common) -D_GNU_SOURCE -Itests/model/port -Itests/harness/port
LTO := -flto=auto
flags.fast = $(host_test) -O3 $(LTO) -Imm/plain
flags.plain := $(common) -O2 -D_GNU_SOURCE -Is2/identity -Itests/harness/port -Imm/plain
flags.tsan := $(host_test) -O1 -Imm/plain -fsanitize=thread
flags.checked := $(host_test) -O1 -Imm/checked -fsanitize=address,undefined -fno-sanitize-recover=all
flags.cover := $(host_test) -O0 -Imm/plain --coverage
flags.fuzz := $(common) -O1 -D_GNU_SOURCE -Itests/model/port -Itests/harness/port -Imm/plain \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
flags.fuzz_plain := $(subst tests/model/port,s2/identity,$(flags.fuzz))
flags.bench := $(common) -O2 -D_GNU_SOURCE -Itests/bench/port -Imm/plain
flags.el2 = $(common) -O2 $(freestanding) -fpie -fno-omit-frame-pointer -Ihyp/mem/port -Imm/plain
flags.observed = $(subst -Ihyp/mem/port,-Itests/target/observed/port -Ihyp/mem/port,$(flags.el2))
flags.el1 = $(common) -O2 $(freestanding) -fpie -fno-omit-frame-pointer -Iguest/kernel/port -Imm/plain
flags.raw = $(common) -O2 $(freestanding) -fpie
ldflags.el2 := -nostdlib -static -Wl,-pie -Wl,--no-dynamic-linker -Wl,-z,max-page-size=4096 \
	-Wl,--build-id=none -Wl,--no-warn-rwx-segments -Wl,--gc-sections
ldflags.el1 := $(ldflags.el2)

comma := ,
objects = $(patsubst %,$(B)/$(1)/%.o,$(2))

define flavour_rules
$(B)/$(1)/%.c.o: %.c Makefile | setup-done
	@mkdir -p $$(@D)
	@echo '  CC   $$@'
	$(Q)$$(cc.$(1)) $$(flags.$(1)) -MMD -MP -c -o $$@ $$<
$(B)/$(1)/%.S.o: %.S Makefile | setup-done
	@mkdir -p $$(@D)
	@echo '  AS   $$@'
	$(Q)$$(cc.$(1)) $$(flags.$(1)) -MMD -MP -c -o $$@ $$<
endef
$(foreach f,$(flavours),$(eval $(call flavour_rules,$(f))))

# ---- Programs: a flavour applied to components ------------------------------------------------

# The host command.
$(B)/twofold: $(call objects,tool,$(src.tools) $(src.arch) $(src.lib_host))
	@echo '  LINK $@'
	$(Q)$(HOSTCC) -o $@ $^

# The hypervisor: an ELF for QEMU and debuggers, and the same bytes as an arm64 Image.
hyp_objects := $(call objects,el2,$(src.hyp) $(src.arch) $(src.lib) $(src.mm) $(src.s2) $(src.fdt))
$(B)/hyp.elf: $(hyp_objects) hyp/boot/hyp.lds tools/symbols
	@echo '  LINK $@'
	$(Q)tools/symbols $(CROSS) $@ "$(cc.el2) $(flags.el2)" $(cc.el2) $(ldflags.el2) -T hyp/boot/hyp.lds \
		$(hyp_objects) $(LIBFDT)/libfdt.a
# The same with s2/ observed: the linker puts tests/target/observed/ around its operations and its port.
observed_calls := $(addprefix s2_,init map remap unmap protect annotate split merge age install relax mark_accessed \
	log_start log_write log_harvest log_stop hint invalidate conflict destroy destroy_some) \
	$(addprefix s2_port_,table_alloc table_alloc_raw table_free)
observed_objects := $(filter-out $(call objects,el2,$(src.s2)),$(hyp_objects)) \
	$(call objects,observed,$(src.s2)) \
	$(call objects,el2,$(call sources,tests/target/observed))
$(B)/observed.elf: $(observed_objects) hyp/boot/hyp.lds tools/symbols
	@echo '  LINK $@'
	$(Q)tools/symbols $(CROSS) $@ "$(cc.el2) $(flags.el2)" $(cc.el2) $(ldflags.el2) \
		$(addprefix -Wl$(comma)--wrap=,$(observed_calls)) -T hyp/boot/hyp.lds \
		$(observed_objects) $(LIBFDT)/libfdt.a
# The same on a machine that is harsher at every exit than QEMU: tests/target/harsh/vectors.S.
harsh_objects := $(filter-out $(call objects,el2,hyp/boot/vectors.S hyp/console/at.S),$(hyp_objects)) \
	$(call objects,el2,$(call sources,tests/target/harsh))
$(B)/harsh.elf: $(harsh_objects) hyp/boot/hyp.lds tools/symbols
	@echo '  LINK $@'
	$(Q)tools/symbols $(CROSS) $@ "$(cc.el2) $(flags.el2)" $(cc.el2) $(ldflags.el2) -T hyp/boot/hyp.lds \
		-Wl,--wrap=trap_serror_seen $(harsh_objects) $(LIBFDT)/libfdt.a
$(B)/%.img: $(B)/%.elf
	$(Q)$(CROSS)objcopy -O binary $< $@

# The small guest.
guest_objects := $(call objects,el1,$(src.guest) $(src.arch) $(src.lib) $(src.mm) $(src.fdt))
$(B)/small.elf: $(guest_objects) guest/boot/guest.lds
	@echo '  LINK $@'
	$(Q)$(cc.el1) $(ldflags.el1) -T guest/boot/guest.lds -o $@ $(guest_objects) $(LIBFDT)/libfdt.a

# Unit tests: each source under tests/unit is a host program and an EL2 image; those under
# tests/unit/host need the host; those under tests/unit/regs are linked with src.regs.
unit := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))
unit_host := $(patsubst tests/unit/host/%.c,%,$(wildcard tests/unit/host/*.c))
unit_regs := $(patsubst tests/unit/regs/%.c,%,$(wildcard tests/unit/regs/*.c))
# Of an archive the linker takes what is called: some have their surroundings in their tests.
test_objects := $(call objects,test,$(src.arch) $(src.lib_host) $(src.mm) $(src.s2) $(src.fdt) \
	$(src.hyp_pure) $(addprefix hyp/console/,out.c console.c ahead.c attach.c) hyp/dev/vuart.c \
	$(src.guest_pure) $(src.model) $(src.harness.host))
$(B)/libtest.a: $(test_objects)
	$(Q)rm -f $@ && ar rcs $@ $^
$(B)/unit/%: $(B)/test/tests/unit/%.c.o $(B)/libtest.a
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)$(HOSTCC) $(flags.test) -o $@ $^ -lfdt -lpthread
$(B)/unit/regs/%: $(B)/regs/tests/unit/regs/%.c.o $(call objects,regs,$(src.regs)) $(B)/libtest.a
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)$(HOSTCC) $(flags.regs) -o $@ $^ -lpthread
el2_test_objects := $(call objects,el2,$(src.hyp_base) $(src.arch) $(src.lib) $(src.mm) $(src.s2) \
	$(src.fdt) $(src.hyp_pure) $(src.harness.el2))
$(B)/unit/%.elf: $(B)/el2/tests/unit/%.c.o $(el2_test_objects) hyp/boot/hyp.lds tools/symbols
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)tools/symbols $(CROSS) $@ "$(cc.el2) $(flags.el2)" $(cc.el2) $(ldflags.el2) -T hyp/boot/hyp.lds \
		$(filter %.o,$^) $(LIBFDT)/libfdt.a

# Tests of the lives of VMs: hyp/mem and those who begin and end lives, s2/ and mm/ as they ship, on a
# machine whose caches, barriers and TLBs are judged (tests/lives/machine.h).
unit_lives := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/lives/*.c))
src.lives := $(addprefix hyp/mem/,scrub.c guest_mem.c guest_access.c dirty.c s2_tables.c s2_empty_root.c mm_port.c) \
	$(addprefix hyp/vm/,create.c vm.c load.c device.c seed.c geometry.c config.c feature.c mmio.c skip.c) hyp/dev/vuart.c hyp/dev/spool.c \
	$(virtio) hyp/dev/vrtc.c hyp/dev/vgic.c hyp/dev/vgic_regs.c $(src.arch) $(src.lib_host) $(src.mm) $(src.s2) $(src.fdt) \
	$(call sources,tests/lives) tests/harness/tap.c tests/harness/host.c
lives_calls := promise_take promise_put s2_map s2_vmid_take s2_vmid_put
$(B)/unit/lives/%: $(B)/lives/tests/unit/lives/%.c.o $(call objects,lives,$(src.lives))
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)$(HOSTCC) $(flags.lives) -Wl,--gc-sections $(addprefix -Wl$(comma)--wrap=,$(lives_calls)) -o $@ $^ -lfdt

# Tests of mm/ in other flavours: build/fast/unit/host/mm_small_scope and so on.
# (Optimized across files they are no faster, and take three seconds each to link.)
$(B)/fast/mm/%.o $(B)/fast/tests/unit/%.o: LTO :=
src.mm_tests := $(src.lib_host) $(src.mm) $(addprefix tests/harness/,tap.c host.c mm_port_host.c mm_world.c \
	objects.c single_step.c)
src.mm_checked := $(call sources,mm/checked)
define mm_test_rule
$(B)/$(1)/unit/%: $(B)/$(1)/tests/unit/%.c.o $$(call objects,$(1),$$(src.mm_tests) $(2))
	@mkdir -p $$(@D)
	@echo '  LINK $$@'
	$(Q)$(HOSTCC) $$(flags.$(1)) -o $$@ $$^ -lpthread
endef
$(foreach f,fast tsan cover,$(eval $(call mm_test_rule,$(f),)))
$(eval $(call mm_test_rule,checked,$(src.mm_checked)))
mm_fast_tests := $(addprefix $(B)/fast/unit/,t_mm_random t_mm_objects host/mm_small_scope)
mm_other_tests := $(addprefix $(B)/tsan/unit/host/,mm_threads mm_objects_threads) \
	$(patsubst tests/unit/%.c,$(B)/checked/unit/%,$(wildcard tests/unit/checked/*.c)) \
	$(addprefix $(B)/checked/unit/,t_pages t_contig t_kmalloc t_mm_objects)
mm_cover_tests := $(addprefix $(B)/cover/unit/,$(patsubst tests/unit/%.c,%, \
	$(wildcard $(addprefix tests/unit/t_,pages.c nodes.c contig.c mm_*.c cache*.c kmalloc*.c slab*.c)) \
	$(wildcard tests/unit/host/mm_*.c)))

# Long runs: random operations on stage 2, their trace for an outside judge, interleavings.
steps_sources := $(addprefix tests/harness/,tap.c machine_host.c s2_ref.c s2_args.c s2_ops.c \
	s2_ops_fault.c s2_ops_hint.c s2_ops_log.c s2_steps.c s2_scope.c s2_scope_ops.c tasks.c) $(src.s2) $(src.model) $(src.arch) $(src.lib_host)
steps_objects := $(call objects,fast,$(steps_sources))
$(B)/soak/%: $(B)/fast/tests/soak/%.c.o $(steps_objects)
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)$(HOSTCC) $(flags.fast) -o $@ $^
# The same on s2/ as it ships: the model's calls without the model.
plain_sources := $(filter-out tests/model/% tests/harness/tasks.c tests/harness/s2_scope%,$(steps_sources)) \
	tests/model/walk.c tests/model/regs.c tests/harness/model_plain.c
$(B)/plain/%: $(B)/plain/tests/soak/%.c.o $(call objects,plain,$(plain_sources))
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)$(HOSTCC) $(flags.plain) -o $@ $^
# What counts the branches of s2/: the same programs, and unit tests of it.
s2_units := $(filter t_s2_% t_geometry t_shape t_vmid,$(unit)) $(addprefix host/,$(filter s2_%,$(unit_host)))
cover_s2_programs := $(addprefix soak/,s2_soak s2_interleave s2_exhaustive) $(addprefix unit/,$(s2_units))
$(B)/cover/of-s2/%: $(B)/cover/tests/%.c.o $(call objects,cover,$(steps_sources) tests/harness/host.c)
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)$(HOSTCC) $(flags.cover) -o $@ $(if $(filter soak/%,$*),$(filter-out %/host.c.o,$^),$^)

# Raw test guests: one source each, loaded by the hypervisor as code without a header.
raw := $(patsubst tests/target/guests/%.c,%,$(wildcard tests/target/guests/g_*.c))
raw_objects := $(call objects,raw,tests/target/guests/start.S \
	$(addprefix tests/target/guests/,rt.c rt_cpus.c rt_virtio.c) \
	hyp/vm/sysreg_table.c $(src.arch) $(src.lib))
$(B)/guests/%.elf: $(B)/raw/tests/target/guests/%.c.o $(raw_objects) tests/target/guests/raw.lds
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)$(cc.raw) $(ldflags.el2) -T tests/target/guests/raw.lds -o $@ $(filter %.o,$^)
$(B)/guests/%.bin: $(B)/guests/%.elf
	$(Q)$(CROSS)objcopy -O binary $< $@

raw-guests: $(raw:%=$(B)/guests/%.bin)

# Images that do at EL2 what may not be done.
image_objects := $(call objects,el2,$(src.hyp_base) hyp/boot/check.c $(src.arch) $(src.lib) $(src.mm) \
	$(src.s2) $(src.fdt) tests/harness/mm_port_el2.c tests/harness/el2_alone.c)
$(B)/images/%.elf: $(B)/el2/tests/target/images/%.c.o $(image_objects) hyp/boot/hyp.lds tools/symbols
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)tools/symbols $(CROSS) $@ "$(cc.el2) $(flags.el2)" $(cc.el2) $(ldflags.el2) -T hyp/boot/hyp.lds \
		$(filter %.o,$^) $(LIBFDT)/libfdt.a

host_tests := $(addprefix $(B)/unit/,$(unit) $(addprefix host/,$(unit_host)) $(addprefix regs/,$(unit_regs)) \
	$(unit_lives))
el2_tests := $(patsubst %,$(B)/unit/%.elf,$(unit))
raw_guests := $(patsubst %,$(B)/guests/%.bin,$(raw))
el2_images := $(patsubst tests/target/%.c,$(B)/%.elf,$(wildcard tests/target/images/*.c))
target_tests := $(sort $(wildcard tests/target/*.t))

# Benchmarks: the same rows as a program on the host and as an image at EL2.  (Pages of 64 KiB:
# valgrind reads no symbols where .bss, for its alignment, has a segment of its own.)
bench_libraries := $(src.arch) $(src.mm) $(src.s2)
$(B)/bench/bench: $(call objects,bench,$(src.bench) $(src.bench.host) $(bench_libraries) $(src.lib_host))
	@mkdir -p $(@D)
	$(HOSTCC) $(flags.bench) -Wl,-z,max-page-size=65536 -o $@ $^ -lpthread
# What slab colouring saves.
$(B)/bench/colour: $(call objects,bench,tests/bench/colour.c tests/bench/mm_memory.c \
		tests/harness/mm_port_host.c $(src.mm))
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)$(HOSTCC) $(flags.bench) -o $@ $^
# The rows of mm/ by malloc(), for who preloads another one.
$(B)/bench/peers: $(call objects,bench,$(addprefix tests/bench/,bench.c host.c mm_driver.c mm_memory.c \
		peer_rows.c) lib/fmt.c)
	@mkdir -p $(@D)
	$(HOSTCC) $(flags.bench) -o $@ $^ -lpthread
bench_el2_objects := $(call objects,el2,$(src.bench) $(src.bench.el2) $(src.hyp_base) $(src.hyp_pure) \
	$(bench_libraries) $(src.lib) $(src.fdt))
$(B)/bench/bench.elf: $(bench_el2_objects) hyp/boot/hyp.lds tools/symbols
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)tools/symbols $(CROSS) $@ "$(cc.el2) $(flags.el2)" $(cc.el2) $(ldflags.el2) -T hyp/boot/hyp.lds \
		$(filter %.o,$^) $(LIBFDT)/libfdt.a

# Debian's kernel without a hypervisor: an EL2 image that enters it and stays for the counters, what
# stands before the kernel, and its first program.
src.bare := tests/bench/bare/bare.c tests/bench/bare/traps.S
bare_objects := $(call objects,el2,$(src.bare) $(src.hyp_base) hyp/boot/check.c $(src.arch) $(src.lib) \
	$(src.mm) $(src.s2) $(src.fdt) tests/harness/mm_port_el2.c tests/harness/el2_alone.c)
$(B)/bench/bare.elf: $(bare_objects) hyp/boot/hyp.lds tools/symbols
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)tools/symbols $(CROSS) $@ "$(cc.el2) $(flags.el2)" $(cc.el2) $(ldflags.el2) -T hyp/boot/hyp.lds \
		$(bare_objects) $(LIBFDT)/libfdt.a
$(B)/bench/shim.elf: $(B)/raw/tests/bench/bare/shim.S.o
	@mkdir -p $(@D)
	$(Q)$(cc.raw) -nostdlib -static -Wl,-Ttext=0,--build-id=none -Wl,-e0 -o $@ $<
$(B)/bench/init.elf: $(B)/raw/tests/bench/bare/init.S.o
	@mkdir -p $(@D)
	$(Q)$(cc.raw) -nostdlib -static -Wl,--build-id=none -o $@ $<
bench_target_parts := $(B)/bench/bare.elf $(B)/bench/shim.img $(B)/bench/init.elf $(B)/guests/g_bench.bin

# s2/ for other programs: S2_PORT is where their s2_port_inline.h is; see s2/README.md.
PREFIX ?= /usr/local
S2_PORT ?= s2/identity
S2_CC ?= $(HOSTCC)
S2_AR ?= ar
S2_CFLAGS ?=
s2_headers := $(wildcard s2/*.h) $(addprefix include/,bits.h check.h err.h types.h) \
	$(addprefix arch/,desc.h sysreg.h)
$(B)/libs2/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(Q)$(S2_CC) -std=c11 -O2 -g -I. -I$(S2_PORT) $(warnings) $(S2_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/libs2.a: $(patsubst %.c,$(B)/libs2/%.o,$(src.s2))
	$(Q)rm -f $@ && $(S2_AR) rcs $@ $^
install-s2: $(B)/libs2.a
	@mkdir -p $(PREFIX)/lib/pkgconfig $(PREFIX)/include/twofold/s2 $(PREFIX)/include/twofold/include \
		$(PREFIX)/include/twofold/arch
	$(Q)cp $(B)/libs2.a $(PREFIX)/lib/
	$(Q)for h in $(s2_headers); do cp $$h $(PREFIX)/include/twofold/$$h || exit 1; done
	$(Q)cp $(S2_PORT)/s2_port_inline.h $(PREFIX)/include/twofold/
	$(Q)printf '%s\n' 'prefix=$(PREFIX)' 'Name: s2' 'Description: AArch64 stage-2 tables' \
		'Version: 1' 'Cflags: -I$${prefix}/include/twofold' 'Libs: -L$${prefix}/lib -ls2' \
		>$(PREFIX)/lib/pkgconfig/s2.pc

# The program in s2/README.md, from an installed library; and every compiler that takes the library.
check-s2: | setup-done
	@tools/check-s2 $(B) "$(MAKE)" "$(CROSS)"

# Fuzz targets, each linked twice: with libFuzzer, and with what gives it the files of its corpus.
# `make fuzz-NAME` runs tests/fuzz/fuzz_NAME.c for FUZZ_SECONDS; new inputs are kept in $(B).
FUZZ_SECONDS ?= 60
fuzz := fdt mm objects s2 virtqueue
src.fuzz.fdt := $(src.fdt) $(src.lib_host)
src.fuzz.mm := $(src.mm) $(addprefix tests/harness/,mm_port_host.c mm_world.c)
src.fuzz.objects := $(src.mm) $(addprefix tests/harness/,mm_port_host.c objects.c) $(src.lib_host)
src.fuzz.s2 := $(filter-out tests/harness/tap.c,$(steps_sources))
src.fuzz.s2_plain := $(filter-out tests/harness/tap.c,$(plain_sources))
src.fuzz.virtqueue := $(virtio) lib/chacha.c $(src.fuzz.mm)
# $(call fuzz_rule,program,flavour,NAME,source of the target,source of main())
define fuzz_rule
$(1): $$(call objects,$(2),$(4) tests/fuzz/verdict.c $(5) $$(src.fuzz.$(3)))
	@mkdir -p $$(@D)
	@echo '  LINK $$@'
	$(Q)$$(cc.$(2)) $$(flags.$(2)) -o $$@ $$^ -lfdt
endef
$(foreach f,$(fuzz),$(eval $(call fuzz_rule,$(B)/fuzz/fuzz_$(f),fuzz,$(f),tests/fuzz/fuzz_$(f).c,)))
$(foreach f,$(fuzz),$(eval $(call fuzz_rule,$(B)/replay/fuzz_$(f),test,$(f),tests/fuzz/fuzz_$(f).c,tests/fuzz/replay.c)))
# s2/ as it ships, unobserved.
$(eval $(call fuzz_rule,$(B)/fuzz/fuzz_s2_plain,fuzz_plain,s2_plain,tests/fuzz/fuzz_s2.c,))
$(eval $(call fuzz_rule,$(B)/replay/fuzz_s2_plain,plain,s2_plain,tests/fuzz/fuzz_s2.c,tests/fuzz/replay.c))
replays := $(patsubst %,$(B)/replay/fuzz_%,$(fuzz) s2_plain)
fuzz-%: $(B)/fuzz/fuzz_%
	@mkdir -p $(B)/fuzz/corpus/$*
	$< -max_len=16384 -max_total_time=$(FUZZ_SECONDS) -timeout=5 -artifact_prefix=$(B)/fuzz/$*- \
		-print_final_stats=1 $(B)/fuzz/corpus/$* $(wildcard tests/fuzz/corpus/$(*:_plain=))

# ---- What can be asked for -------------------------------------------------------------------

PHONY_MM := test-mm soak-mm cover-mm bench-colour
.PHONY: $(PHONY_MM) install-s2 check-s2 trace-s2 soak-s2 cover-s2 all help setup-done run run-linux run-many \
	test-linux soak-linux soak-workload soak-hostile soak-console soak-lives check test test-host test-target layers headers shape lint mutants try-bare clean \
	bench bench-insn bench-target bench-profile bench-peers raw-guests
.SECONDARY:

help:
	@echo 'all          $(B)/twofold, $(B)/hyp.elf (.img), $(B)/small.img'
	@echo 'run          start the small guest under the hypervisor, with a console'
	@echo 'run-linux    start Debian'"'"'s kernel with a shell and a disk; commands may come by a pipe'
	@echo 'run-many     start two Linux guests and two small ones beside each other'
	@echo
	@echo 'check        all that must pass: layers headers shape lint test check-s2'
	@echo 'test         test-host test-mm test-target'
	@echo 'test-host    unit tests on the host, under sanitizers'
	@echo 'test-mm      mm/ over ten million steps, under ThreadSanitizer, and in builds that check'
	@echo 'test-target  unit tests at EL2 and guests in QEMU'
	@echo 'check-s2     s2/ installed and used, and built by every compiler'
	@echo 'layers headers shape lint   the rules of the house'
	@echo
	@echo 'Longer, and not part of check:'
	@echo 'mutants      bugs put back one at a time: every one must be seen'
	@echo 'test-linux   Debian'"'"'s kernel with its disks: sums, resets, discards'
	@echo 'soak-linux   its boots on 1, 2, 4 CPUs with 1, 2, 4 vCPUs, and 20 in a row'
	@echo 'soak-workload   two of them write, read, sort and fork at once for MINUTES=5'
	@echo 'soak-hostile a guest that tries everything, 10^6 times, beside Linux (SEED=N)'
	@echo 'soak-console ROUNDS=20 sessions of whoever types anything on each CPU model (SEED=N)'
	@echo 'soak-lives   a thousand starts and stops leave the pool as it was'
	@echo 'soak-s2      random operations on stage 2, STEPS=1000000000; goes on where it stopped'
	@echo 'soak-mm      the same on mm/, pages and objects'
	@echo 'cover-s2 cover-mm   branches their tests take; each that none takes has its reason'
	@echo 'fuzz-s2      fuzz the sequences of stage-2 operations (fuzz-s2_plain: unobserved)'
	@echo 'fuzz-mm fuzz-objects      fuzz pages, caches and kmalloc() for FUZZ_SECONDS=60'
	@echo 'fuzz-fdt fuzz-virtqueue   fuzz device trees, virtio devices for FUZZ_SECONDS=60'
	@echo 'trace-s2     $(B)/s2.trace: 10^5 events for an outside judge'
	@echo 'try-bare     ./check in a bare Debian 12: needs root and debootstrap'
	@echo
	@echo 'bench        rows of docs/benchmarks.md in ns, beside their limits (ROWS="a1 c2": these)'
	@echo 'bench-insn   the same in instructions, exact: x86 by callgrind, AArch64 by icount'
	@echo 'bench-target what exits and Debian'"'"'s boot cost under Twofold, in instructions (ROWS="t1 t3")'
	@echo 'bench-profile ROWS=a1   where the instructions of a row are, by function and line'
	@echo 'bench-colour cache misses that slab colouring saves, by cachegrind'
	@echo 'bench-peers  the rows of mm/ with the allocators that tools/setup --bench installs'
	@echo
	@echo 'install-s2   libs2.a, headers, s2.pc into PREFIX=$(PREFIX): see s2/README.md'
	@echo 'clean        removes $(B), downloads in $(B)/deps excepted'

# Fails with the one command to run where something is missing.
setup-done:
	@B=$(B) tools/setup --check

run: all
	$(B)/twofold run

# Debian's kernel as a guest; what it needs is fetched once, into $(B)/deps.
$(B)/linux/made: tools/linux images/linux-init
	$(Q)B=$(B) tools/linux </dev/null
	$(Q)touch $@

run-linux: all $(B)/linux/made
	$(B)/twofold run -f images/linux

run-many: all $(B)/linux/made
	$(B)/twofold run -f images/many

test-linux: all $(B)/linux/made
	prove --exec tests/run $(sort $(wildcard tests/linux/*.t))

# Debian's kernel on every number of CPUs, with every number of vCPUs: minutes.
soak-linux: all $(B)/linux/made
	TF_SOAK=1 prove --exec tests/run tests/target/linux.t

# Two of them at work at once, every sum compared.
soak-workload: all $(B)/linux/made $(raw_guests)
	prove -v --exec tests/run tests/soak/workload.t

# 10^6 actions of a hostile guest beside Linux on three CPU models; SEED=N for others.
soak-hostile: all $(B)/linux/made $(raw_guests)
	TF_SOAK=1 prove --exec tests/run tests/target/hostile.t

# Sessions of somebody who types whatever there is: ROUNDS=20 from SEED=1 on each CPU model.
soak-console: all $(B)/linux/made $(raw_guests)
	TF_SOAK=1 prove -v --exec tests/run tests/target/console_hostile.t

# A thousand starts and stops of the raw guests and of the small one.
soak-lives: all $(raw_guests)
	TF_SOAK=1 prove --exec tests/run tests/target/lives.t tests/target/midst.t tests/target/smp.t

check: layers headers shape lint test check-s2

test: test-host test-mm test-target

soak_programs := $(addprefix $(B)/soak/,s2_soak s2_trace s2_interleave s2_exhaustive s2_scope) $(B)/plain/s2_soak
test-host: $(host_tests) $(replays) $(B)/twofold $(B)/bench/bench $(soak_programs)
	B=$(B) prove -j2 --exec tests/run $(replays) $(B)/soak/s2_soak $(B)/plain/s2_soak $(B)/soak/s2_scope $(B)/soak/s2_interleave $(B)/soak/s2_exhaustive $(host_tests) $(sort $(wildcard tests/host/*.t))

# Ten million steps without sanitizers, threads under ThreadSanitizer, builds that check.
test-mm: $(mm_fast_tests) $(mm_other_tests)
	MM_STEPS=10000000 prove -j2 --exec tests/run $(mm_fast_tests)
	prove -j2 --exec tests/run $(mm_other_tests)

# 1 TiB of frames; random pages and objects, ten million steps a seed, on from where it stopped.
soak-mm: $(mm_fast_tests) $(B)/fast/unit/host/mm_scale
	tests/soak/mm $(B) $(STEPS)

# Branches of mm/ that its tests take, file by file.
cover-mm: $(mm_cover_tests)
	@find $(B)/cover -name '*.gcda' -delete
	@for t in $(mm_cover_tests); do MM_STEPS=1000000 $$t >/dev/null 2>&1 || echo "failed: $$t"; done
	@tools/cover tests/cover-mm.txt $(B)/cover $(src.mm)

test-target: all $(B)/observed.elf $(B)/harsh.elf $(el2_tests) $(raw_guests) $(el2_images)
	prove -j2 --exec tests/run $(el2_tests) $(target_tests)

# Figures also go to $(B)/bench.jsonl and $(B)/bench-insn.jsonl.
bench: $(B)/bench/bench
	@rm -f $(B)/bench.jsonl
	$(B)/bench/bench --json $(B)/bench.jsonl $(ROWS)

bench-insn: $(B)/bench/bench $(B)/bench/bench.elf
	tests/bench/run-insn $(B) $(B)/bench-insn.jsonl $(ROWS)

bench-target: all $(bench_target_parts) $(B)/linux/made
	tests/bench/run-target $(B) $(B)/bench-target.jsonl $(ROWS)

bench-profile: $(B)/bench/bench
	tests/bench/run-profile $(B) $(ROWS)

bench-colour: $(B)/bench/colour
	tests/bench/run-colour $(B)

bench-peers: $(B)/bench/peers
	tests/bench/run-peers $(B) $(B)/bench-peers.jsonl $(ROWS)

# The rules of the house.
files = $(shell git ls-files 2>/dev/null || find . -path './$(B)' -prune -o -type f -printf '%P\n')
c_files = $(wildcard $(filter %.c %.h,$(files)))
layers: all $(host_tests) $(el2_tests) $(raw_guests) $(el2_images)
	@tools/layers $(foreach l,$(layers),'$(l): $(layer.$(l))') -- \
		$$(find $(B) \( -path $(DEPS) -o -path $(B)/mutants -o -path $(B)/s2-check \) -prune \
			-o -name '*.d' -print)

headers: | setup-done
	@tools/headers "$(HOSTCC) $(flags.test)" "$(cc.el2) $(flags.el2)" $(filter %.h,$(c_files))

shape: | setup-done
	@tools/shape $(c_files) $(filter %.S %.lds %.t %.pm run check tools/% tests/run,$(files))

lint: | setup-done
	@B=$(B) tools/lint $(c_files)

# The two commands in a bare Debian 12 (needs root and debootstrap).
try-bare:
	tools/try-bare

# 10^5 events of three CPUs for an outside judge, and what ours says of them.
trace-s2: $(B)/soak/s2_trace
	$(B)/soak/s2_trace $(B)/s2.trace
	tools/s2-trace-check $(B)/s2.trace

# As long as you like, and on from where it stopped: STEPS=100000000.
STEPS ?= 1000000000
soak-s2: $(soak_programs)
	$(B)/soak/s2_interleave 3
	$(B)/soak/s2_scope 4 14
	$(B)/soak/s2_scope 4 16
	$(B)/soak/s2_soak $(STEPS) $(B)/soak/s2.seed
	$(B)/plain/s2_soak $(STEPS) $(B)/soak/s2-plain.seed

# Branches of s2/ that random operations, interleavings, finite domains and unit tests take.
cover-s2: $(addprefix $(B)/cover/of-s2/,$(cover_s2_programs))
	tests/cover-s2 $(B) $(cover_s2_programs)

# Puts bugs back, one at a time; each must be seen by the test it names.  Not part of check.
mutants: | setup-done
	MAKEFLAGS= tests/mutants/run $(B)

clean:
	find $(B) -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} +

-include $(shell find $(B) \( -path $(B)/mutants -o -path $(B)/s2-check \) -prune -o -name '*.d' -print 2>/dev/null)
