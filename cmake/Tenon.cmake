# How Tenon's parts are declared. Each folder's CMakeLists.txt is one or two calls of these.

# Adds a folder if it has a CMakeLists.txt; generated files go to gen/tenon/<folder>, so that they are
# included by the same spelling as the sources.
function(tenon_add_folder folder)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt)
    file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
    if(path MATCHES "^(dialects|passes|codegen|frontends)")
      add_subdirectory(${folder} ${CMAKE_BINARY_DIR}/gen/tenon/${path})
    else()
      add_subdirectory(${folder})
    endif()
  endif()
endfunction()

# tenon_tablegen(OUT Ops.h.inc TD Ops.td ARGS -gen-op-decls ...): one generated file of this folder.
# The files are collected in the directory property TENON_GENERATED.
function(tenon_tablegen)
  cmake_parse_arguments(arg "" "OUT;TD" "ARGS" ${ARGN})
  set(LLVM_TARGET_DEFINITIONS ${arg_TD})
  mlir_tablegen(${arg_OUT} ${arg_ARGS} EXTRA_INCLUDES ${CMAKE_BINARY_DIR}/include)
  set_property(DIRECTORY APPEND PROPERTY TENON_GENERATED ${CMAKE_CURRENT_BINARY_DIR}/${arg_OUT})
endfunction()

# Closes a folder's generated files into the target <name>_gen and makes everything after wait for it.
function(tenon_generated name)
  get_property(files DIRECTORY PROPERTY TENON_GENERATED)
  add_custom_target(${name}_gen DEPENDS ${files})
  set_property(GLOBAL APPEND PROPERTY TENON_GEN_TARGETS ${name}_gen)
endfunction()

# tenon_library(name SRCS a.cpp ... LINK tenon::nn ...): a static library with the alias tenon::<name>.
# Links MLIR and LLVM's shared libraries unless NO_MLIR is given; waits for every generated header.
function(tenon_library name)
  cmake_parse_arguments(arg "NO_MLIR" "" "SRCS;LINK" ${ARGN})
  add_library(tenon_${name} STATIC ${arg_SRCS})
  add_library(tenon::${name} ALIAS tenon_${name})
  target_link_libraries(tenon_${name} PUBLIC ${arg_LINK})
  if(NOT arg_NO_MLIR)
    target_link_libraries(tenon_${name} PUBLIC MLIR LLVM)
    tenon_use_pch(tenon_${name})
    get_property(gens GLOBAL PROPERTY TENON_GEN_TARGETS)
    if(gens)
      add_dependencies(tenon_${name} ${gens})
    endif()
  endif()
endfunction()

function(tenon_use_pch target)
  target_precompile_headers(${target} REUSE_FROM tenon_pch)
  # Executables too are compiled as -fPIC: the header is, and clang wants them equal.
  target_compile_options(${target} PRIVATE -fpch-instantiate-templates -fPIC)
endfunction()

# tenon_dialect(nn SRCS Dialect.cpp ... [TYPES] [ATTRS] [ENUMS] [LINK ...]): the dialect in this folder.
# Expects Dialect.td and Ops.td (which includes the families); TYPES/ATTRS/ENUMS generate from Ops.td too,
# giving {Ops,Dialect,Types,Attrs,Enums}.{h,cpp}.inc.
function(tenon_dialect name)
  cmake_parse_arguments(arg "TYPES;ATTRS;ENUMS" "" "SRCS;LINK" ${ARGN})
  tenon_tablegen(OUT Dialect.h.inc TD Ops.td ARGS -gen-dialect-decls -dialect=${name})
  tenon_tablegen(OUT Dialect.cpp.inc TD Ops.td ARGS -gen-dialect-defs -dialect=${name})
  tenon_tablegen(OUT Ops.h.inc TD Ops.td ARGS -gen-op-decls)
  tenon_tablegen(OUT Ops.cpp.inc TD Ops.td ARGS -gen-op-defs)
  if(arg_TYPES)
    tenon_tablegen(OUT Types.h.inc TD Ops.td ARGS -gen-typedef-decls -typedefs-dialect=${name})
    tenon_tablegen(OUT Types.cpp.inc TD Ops.td ARGS -gen-typedef-defs -typedefs-dialect=${name})
  endif()
  if(arg_ATTRS)
    tenon_tablegen(OUT Attrs.h.inc TD Ops.td ARGS -gen-attrdef-decls -attrdefs-dialect=${name})
    tenon_tablegen(OUT Attrs.cpp.inc TD Ops.td ARGS -gen-attrdef-defs -attrdefs-dialect=${name})
  endif()
  if(arg_ENUMS)
    tenon_tablegen(OUT Enums.h.inc TD Ops.td ARGS -gen-enum-decls)
    tenon_tablegen(OUT Enums.cpp.inc TD Ops.td ARGS -gen-enum-defs)
  endif()
  tenon_generated(${name})
  tenon_library(${name} SRCS ${arg_SRCS} LINK ${arg_LINK})
endfunction()

# tenon_interface(Name OP|TYPE|ATTR): Name.h.inc and Name.cpp.inc from Name.td.
function(tenon_interface name kind)
  string(TOLOWER ${kind} kind)
  tenon_tablegen(OUT ${name}.h.inc TD ${name}.td ARGS -gen-${kind}-interface-decls)
  tenon_tablegen(OUT ${name}.cpp.inc TD ${name}.td ARGS -gen-${kind}-interface-defs)
endfunction()

# tenon_passes(Graph SRCS ... LINK ...): the passes declared in this folder's Passes.td, as library
# tenon::passes_<folder>; generates registerGraphPasses().
function(tenon_passes name)
  cmake_parse_arguments(arg "" "" "SRCS;LINK" ${ARGN})
  string(TOLOWER ${name} lower)
  tenon_tablegen(OUT Passes.h.inc TD Passes.td ARGS -gen-pass-decls -name ${name})
  tenon_generated(passes_${lower})
  tenon_library(passes_${lower} SRCS ${arg_SRCS} LINK ${arg_LINK})
endfunction()

# tenon_tool(tenon-opt SRCS main.cpp LINK ... [NO_MLIR]): an executable in bin/.
function(tenon_tool name)
  cmake_parse_arguments(arg "NO_MLIR" "" "SRCS;LINK" ${ARGN})
  add_executable(${name} ${arg_SRCS})
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  if(NOT arg_NO_MLIR)
    target_link_libraries(${name} PRIVATE MLIR LLVM)
    tenon_use_pch(${name})
    get_property(gens GLOBAL PROPERTY TENON_GEN_TARGETS)
    if(gens)
      add_dependencies(${name} ${gens})
    endif()
  endif()
  set_property(GLOBAL APPEND PROPERTY TENON_TOOLS ${name})
endfunction()

# tenon_unittest(EvalTest SRCS EvalTest.cpp LINK ... [NO_MLIR] [NOT_SANITIZED]): a GoogleTest binary, one ctest entry. MLIR's own
# libraries are not instrumented, so tests that build IR are not for the sanitizers.
function(tenon_unittest name)
  cmake_parse_arguments(arg "NO_MLIR;NOT_SANITIZED" "" "SRCS;LINK" ${ARGN})
  add_executable(${name} ${arg_SRCS})
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gtest GTest::gmock GTest::gtest_main)
  if(NOT arg_NO_MLIR)
    target_link_libraries(${name} PRIVATE MLIR LLVM)
    tenon_use_pch(${name})
    get_property(gens GLOBAL PROPERTY TENON_GEN_TARGETS)
    if(gens)
      add_dependencies(${name} ${gens})
    endif()
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/unittests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  # What reads files that others wrote is what the sanitizers watch.
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "/test/(runtime|frontends)" AND NOT arg_NOT_SANITIZED)
    tenon_sanitized(${name})
  endif()
endfunction()

# The target `sanitized` builds what carries the test label of that name: what tools/dev/check runs in build/asan.
function(tenon_sanitized name)
  if(NOT TARGET sanitized)
    add_custom_target(sanitized)
  endif()
  add_dependencies(sanitized ${name})
  set_property(TEST ${name} APPEND PROPERTY LABELS sanitized)
endfunction()

# tenon_fuzzer(gguf SRCS ... LINK ... SEEDS folder LENGTH bytes): a libFuzzer target and its ctest entry fuzz-gguf; a file gguf.dict
# beside the sources is its dictionary.
function(tenon_fuzzer name)
  cmake_parse_arguments(arg "" "SEEDS;LENGTH" "SRCS;LINK" ${ARGN})
  set(target fuzz-${name})
  add_executable(${target} ${arg_SRCS})
  target_link_libraries(${target} PRIVATE ${arg_LINK})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  set(found ${CMAKE_BINARY_DIR}/fuzz/found-${name})
  file(MAKE_DIRECTORY ${found})
  set(dictionary)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${name}.dict)
    set(dictionary -dict=${CMAKE_CURRENT_SOURCE_DIR}/${name}.dict)
  endif()
  add_test(NAME ${target} WORKING_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz
           COMMAND sh -c "exec \"$@\" -max_total_time=\${TENON_FUZZ_SECONDS:-10}" sh $<TARGET_FILE:${target}> ${found} ${arg_SEEDS}
             ${dictionary} -max_len=${arg_LENGTH} -timeout=10 -rss_limit_mb=2048 -artifact_prefix=${name}-)
  set_tests_properties(${target} PROPERTIES TIMEOUT 600)
  tenon_sanitized(${target})
endfunction()
